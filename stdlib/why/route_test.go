package why_test

import (
	"fmt"
	"strings"
	"testing"

	"nsl/runtime/labtest/labs"
)

// Of two neighbours that both know a way, the one that passes packets on is
// proposed as the gateway, whatever their names.
func TestAMissingRouteIsProposedByARouter(t *testing.T) {
	t.Parallel()
	for family, want := range map[string]string{
		"ipv4": "add one: route red 192.168.16.0/24 via 192.168.15.3",
		"ipv6": "add one: route red fd00:16::/64 via fd00:15::3",
	} {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			gateway := want[strings.LastIndexByte(want, ' ')+1:]
			out, _, failed, err := labs.Run(t, fmt.Sprintf(`auto %s
ns alpha red blue zed
bridge sw <alpha red zed>
link zed <-> blue
forward zed
route alpha default via %s
expect ping red -> blue
`, family, gateway))
			if err != nil || failed != 1 || !strings.Contains(out, want+"\n") {
				t.Errorf("%v; not said: %s\n%s", err, want, out)
			}
		})
	}
}
