package probes_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest/labs"
)

// rhombus has two ways from pc1 to pc2, through r2 and through r3.
const rhombus = `auto off
ns pc1 r1 r2 r3 pc2
link pc1 10.0.1.1/24 fd00:1::1/64 <-> r1 10.0.1.2/24 fd00:1::2/64
link r1 10.0.2.1/24 fd00:2::1/64 <-> r2 10.0.2.2/24 fd00:2::2/64
link r1 10.0.4.1/24 <-> r3 10.0.4.2/24
link r2 10.0.3.1/24 fd00:3::1/64 <-> pc2 10.0.3.2/24 fd00:3::2/64
link r3 10.0.5.1/24 <-> pc2 10.0.5.2/24
for r in <r1 r2 r3> { forward $r }
route pc1 default via 10.0.1.2
route pc1 ::/0 via fd00:1::2
route pc2 default via 10.0.3.1
route pc2 ::/0 via fd00:3::1
route r1 10.0.3.0/24 via 10.0.2.2
route r1 fd00:3::/64 via fd00:2::2
route r1 10.0.5.0/24 via 10.0.4.2
route r2 10.0.1.0/24 via 10.0.2.1
route r2 10.0.4.0/24 via 10.0.2.1
route r2 fd00:1::/64 via fd00:2::1
route r3 10.0.1.0/24 via 10.0.4.1
`

func TestPath(t *testing.T) {
	t.Parallel()
	out, _, failed, err := labs.Run(t, rhombus+`
expect path pc1 -> <pc2 fd00:3::2 10.0.3.2> via <r1 r2> within 20s
expect path pc1 -> 10.0.5.2 via <r1 10.0.4.2> within 20s
expect path pc1 -> 10.0.5.2 via <10.0.1.2 r3> within 20s
expect not path pc1 -> 10.0.5.2 via <10.0.2.1 r3>
expect path pc1 -> r1 via <> within 20s
expect path * -> r1 within 20s
expect not path pc1 -> pc2 via <r1 r3>
expect not path pc1 -> pc2 via r1
expect not path pc1 -> pc2 via <r1 r2 r3>
expect not path pc1 -> 10.0.3.9 within 1s
`)
	if err != nil || failed > 0 || !strings.Contains(out, "(pc1 -> r1 -> r3 -> 10.0.5.2)") {
		t.Errorf("%v\n%s", err, out)
	}
}

// What does not hold is reported with the way that the packets took.
func TestPathExplains(t *testing.T) {
	t.Parallel()
	for probe, want := range map[string][]string{
		"path pc1 -> pc2 via <r1 r3>":       {"pc1 -> r1 -> r2 -> pc2", "from r1 it goes to r2, not to r3"},
		"path pc1 -> fd00:3::2 via <r2 r1>": {"pc1 -> r1 -> r2 -> fd00:3::2", "from pc1 it goes to r1, not to r2"},
		"path pc1 -> pc2 via r1":            {"r2 comes after r1, where the target was expected"},
		"path pc1 -> 10.8.1.1":              {"pc1 -> Destination Net Unreachable, says 10.0.1.2", "r1 has no route to 10.8.1.1"},
		"path pc2 -> 10.9.0.1":              {"pc2 -> r2 -> r1 -> r2 -> …", "routing loop: r2 -> r1 -> r2"},
	} {
		t.Run(probe, func(t *testing.T) {
			t.Parallel()
			out, _, failed, err := labs.Run(t, rhombus+"route r1 10.9.0.0/16 via 10.0.2.2\nroute r2 10.9.0.0/16 via 10.0.2.1\nexpect "+probe+"\n")
			if err != nil || failed != 1 {
				t.Fatalf("%v, %d failed\n%s", err, failed, out)
			}
			for _, w := range want {
				if !strings.Contains(out, w) {
					t.Errorf("no %q in\n%s", w, out)
				}
			}
		})
	}
}

// A path over more routers than traceroute shows by default is followed to its end.
func TestALongPath(t *testing.T) {
	t.Parallel()
	labs.Hold(t, `auto off
for i in 0..36 { ns n$i }
for i in 0..35 { link n$i:r 10.0.$i.1/24 <-> n${i+1}:l 10.0.$i.2/24 }
for i in 0..35 { route n$i 10.0.35.0/24 via 10.0.$i.2 metric 9 }
for i in 1..36 { route n$i 10.0.0.0/16 via 10.0.${i-1}.1 }
for i in 1..35 { forward n$i }
expect path n0 -> n36 within 20s
expect not path n0 -> n36 via <n1 n35>
`)
}
