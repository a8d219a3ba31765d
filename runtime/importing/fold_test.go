package importing

import (
	"strings"
	"testing"
)

func TestFolded(t *testing.T) {
	for _, c := range []struct{ name, steps, want string }{
		{"a cable that is moved, addressed and set up", "veth a <-> b / move a -> red / move b -> blue / addr red:a 10.0.0.1/24 / addr blue:b 10.0.0.2/24 / up red:a / up blue:b",
			"link red:a 10.0.0.1/24 <-> blue:b 10.0.0.2/24"},
		{"one end on the host, without an address", "veth red:a <-> h / addr red:a 10.0.0.1/24 / up red:a / up h", "link red:a <-> host:h noaddr / addr red:a 10.0.0.1/24"},
		{"one end is left down", "veth red:a <-> h / up red:a", "veth red:a <-> h / up red:a"},
		{"an end gets another name", "veth a <-> b mtu 1400 / move a -> red / rename red:a -> c / up red:c / up b", "veth red:a <-> b mtu 1400 / rename red:a -> c / up red:c / up b"},
		{"the loopback", "ns red;down red:lo / ns blue;down blue:lo / up red:lo", "ns red blue / down blue:lo"},
		{"the loopback of a node that is deleted", "ns red;down red:lo / delete red / ns red;down red:lo / up red:lo", "ns red / down red:lo / delete red / ns red"},
		{"a bridge", "bridge br noaddr;down br / addr br 10.0.0.1/24 / up br", "bridge br noaddr / addr br 10.0.0.1/24"},
		{"what is up", "ns red / up red:lo / veth red:a <-> h / up red:a / up h / up h / up red:a / down red:a / up red:a", "ns red / link red:a <-> host:h noaddr / down red:a / up red:a"},
	} {
		var items []item
		for i, step := range strings.Split(c.steps, " / ") {
			for n, text := range strings.Split(step, ";") {
				items = append(items, item{owner{i, n}, text})
			}
		}
		var got []string
		for _, it := range folded(items) {
			got = append(got, it.text)
		}
		if text := strings.Join(got, " / "); text != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, text, c.want)
		}
	}
}
