package why_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// What a packet filter stops is explained by the rule's own words.
func TestWhyFilter(t *testing.T) {
	t.Parallel()
	const lab = `auto dual
ns red r1 blue
link red <-> r1
link r1 <-> blue
forward r1
route red default via 192.168.15.2
route red default via fd00:15::2
route blue default via 192.168.16.1
route blue default via fd00:16::1
`
	for _, c := range []struct{ what, script, why, fix string }{
		{"the request", "block red -> blue", "blue drops the packet: block red -> blue", "take the rule away: del block red -> blue"},
		{"IPv6", "block fd00:15::/64 -> blue icmp", "", ""},
		{"the reply", "block blue -> red established", "red drops the reply: block blue -> red established", "take the rule away: del block blue -> red established"},
		{"a router", "reject red -> blue on r1", "r1 rejects the packet: reject red -> blue on r1", "take the rule away: del reject red -> blue on r1"},
		{"the sender", "block red -> 192.168.16.0/24", "red drops the packet: block red -> 192.168.16.0/24", "take the rule away: del block red -> 192.168.16.0/24"},
		{"an exception", "block -> blue\nallow red -> blue tcp 80", "blue drops the packet: block -> blue", "take the rule away: del block -> blue"},
		{"behind NAT", "nat 192.168.15.0/24 on r1\nblock -> red", "red drops the reply: block -> red", "take the rule away: del block -> red"},
		{"NAT changes the source", "nat 192.168.15.0/24 on r1\nblock r1 -> blue", "blue drops the packet: block r1 -> blue", "take the rule away: del block r1 -> blue"},
		{"another program", "exec r1 nft 'add table ip filter; add chain ip filter f { type filter hook forward priority 0; policy drop; }'",
			"r1 drops the packet: policy drop (table ip filter, chain f)", "look at the rules: exec r1 nft list ruleset"},
		{"a port that is dropped", "block red -> blue tcp 80\nexpect not tcp red -> 192.168.16.2:80\nexpect tcp red -> 192.168.16.2:81",
			"no process listens on blue:81", "start a server: serve tcp blue:81"},
		{"a connection", "block red -> blue tcp 80\nexpect tcp red -> 192.168.16.2:80 within 300ms",
			"blue drops the packet: block red -> blue tcp 80", "take the rule away: del block red -> blue tcp 80"},
		{"a connection that is reset", "reject red -> blue on r1\nexpect tcp red -> 192.168.16.2:80",
			"r1 rejects the packet: reject red -> blue on r1", "take the rule away: del reject red -> blue on r1"},
		{"a published port", "publish 8080 -> blue:80 on r1\nblock red -> blue\nexpect http red -> http://192.168.15.2:8080/ within 300ms",
			"blue drops the packet: block red -> blue", "take the rule away: del block red -> blue"},
		{"no server at a published port", "publish 8080 -> blue:80 on r1\nexpect http red -> http://192.168.15.2:8080/",
			"no process listens on blue:80", "start a server: serve http blue:80"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			labtest.NeedPrograms(t, "nft")
			if !strings.Contains(c.script, "\nexpect") {
				c.script += "\nexpect ping red -> 192.168.16.2 within 300ms"
			}
			out, held, failed, err := labs.Run(t, lab+c.script+"\n")
			if c.why == "" {
				if err != nil || held != 1 {
					t.Errorf("%v\n%s", err, out)
				}
				return
			}
			if want := "\n    " + c.why + "\n    " + c.fix + "\n"; err != nil || failed != 1 || !strings.Contains(out, want) {
				t.Errorf("%v; not said: %s\n%s", err, want, out)
			}
		})
	}
}
