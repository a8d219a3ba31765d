package probes_test

import (
	"regexp"
	"testing"

	"nsl/runtime/labtest/labs"
)

// routedLab is red, the router r1 and blue, with all routes.
const routedLab = `ns red r1 blue
link red <-> r1 10.0.1.0/24
link r1:out <-> blue 10.0.2.0/24
forward r1
route red default via 10.0.1.2
route blue default via 10.0.2.1
`

// What why prints of a packet that arrives, of one that is translated, and of one
// that does not arrive.
func TestWhy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, script, want string }{
		{"it works", routedLab + "why red -> blue\n", `it works: 10.0.2.2 answers in # ms
the request:
  red   sends 10.0.1.1 -> 10.0.2.2, out by veth-red to 10.0.1.2 (route default via 10.0.1.2 dev veth-red)
  r1    in by veth-r1, out by out to 10.0.2.2 (route 10.0.2.0/24 dev out)
  blue  in by veth-blue, has the address
the reply:
  blue  sends 10.0.2.2 -> 10.0.1.1, out by veth-blue to 10.0.2.1 (route default via 10.0.2.1 dev veth-blue)
  r1    in by out, out by veth-r1 to 10.0.1.1 (route 10.0.1.0/24 dev veth-r1)
  red   in by veth-red, has the address
`},
		{"NAT both ways", routedLab + "del route blue default\nnat 10.0.1.0/24 on r1\npublish 8080 -> blue:80 on r1\nserve http blue:80\nwhy red -> 10.0.1.2 tcp 8080\n", `it works: tcp port 8080 of 10.0.1.2 is open, in # ms
the request:
  red   sends 10.0.1.1 -> 10.0.1.2, out by veth-red to 10.0.1.2 (route 10.0.1.0/24 dev veth-red)
  r1    in by veth-r1, destination 10.0.1.2:8080 becomes 10.0.2.2:80 (publish 8080 -> blue:80), out by out to 10.0.2.2 (route 10.0.2.0/24 dev out), source 10.0.1.1 becomes 10.0.2.1 (nat 10.0.1.0/24)
  blue  in by veth-blue, has the address
the reply:
  blue  sends 10.0.2.2 -> 10.0.2.1, out by veth-blue to 10.0.2.1 (route 10.0.2.0/24 dev veth-blue)
  r1    in by out, destination 10.0.2.1 becomes 10.0.1.1 (nat 10.0.1.0/24), out by veth-r1 to 10.0.1.1 (route 10.0.1.0/24 dev veth-r1), source 10.0.2.2:80 becomes 10.0.1.2:8080 (publish 8080 -> blue:80)
  red   in by veth-red, has the address
`},
		{"the reply is lost", routedLab + "del route blue default\nwhy red -> blue\n", `it does not work: no reply from 10.0.2.2
    blue has no route back to 10.0.1.1
    add one: route blue 10.0.1.0/24 via 10.0.2.1
the request:
  red   sends 10.0.1.1 -> 10.0.2.2, out by veth-red to 10.0.1.2 (route default via 10.0.1.2 dev veth-red)
  r1    in by veth-r1, out by out to 10.0.2.2 (route 10.0.2.0/24 dev out)
  blue  in by veth-blue, has the address
the reply:
  blue  sends 10.0.2.2 -> 10.0.1.1, and gets no further
`},
		{"no process listens", routedLab + "why red -> blue udp 7\n", `it does not work: 10.0.2.2 refuses udp port 7: Destination Port Unreachable
    no process listens on blue:7
    start a server: serve udp blue:7
the request:
  red   sends 10.0.1.1 -> 10.0.2.2, out by veth-red to 10.0.1.2 (route default via 10.0.1.2 dev veth-red)
  r1    in by veth-r1, out by out to 10.0.2.2 (route 10.0.2.0/24 dev out)
  blue  in by veth-blue, has the address
the reply:
  blue  sends 10.0.2.2 -> 10.0.1.1, out by veth-blue to 10.0.2.1 (route default via 10.0.2.1 dev veth-blue)
  r1    in by out, out by veth-r1 to 10.0.1.1 (route 10.0.1.0/24 dev veth-r1)
  red   in by veth-red, has the address
`},
		{"no route", routedLab + "why red -> 10.0.2.2\ndel route red default\nwhy red -> blue\n", `it works: 10.0.2.2 answers in # ms
the request:
  red   sends 10.0.1.1 -> 10.0.2.2, out by veth-red to 10.0.1.2 (route default via 10.0.1.2 dev veth-red)
  r1    in by veth-r1, out by out to 10.0.2.2 (route 10.0.2.0/24 dev out)
  blue  in by veth-blue, has the address
the reply:
  blue  sends 10.0.2.2 -> 10.0.1.1, out by veth-blue to 10.0.2.1 (route default via 10.0.2.1 dev veth-blue)
  r1    in by out, out by veth-r1 to 10.0.1.1 (route 10.0.1.0/24 dev veth-r1)
  red   in by veth-red, has the address
it does not work: Network is unreachable
    red has no route to 10.0.2.2
    add one: route red 10.0.2.0/24 via 10.0.1.2
the request:
  red  sends to 10.0.2.2, and gets no further
`},
		{"nothing can be sent", "ns red blue\nwhy red -> blue\n", `it does not work: red cannot reach blue
    neither red nor blue has an interface besides lo
    connect them: link red <-> blue
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out, _, _, err := labs.Run(t, test.script)
			got := regexp.MustCompile(`\d+\.\d+ ms`).ReplaceAllString(out, "# ms")
			if err != nil || got != test.want {
				t.Errorf("%v\n%s\ngot:\n%swant:\n%s", err, test.script, got, test.want)
			}
		})
	}
}
