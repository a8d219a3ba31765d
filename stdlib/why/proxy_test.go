package why_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest/labs"
)

// A router that answers for others takes their packets, and why follows them through it.
func TestAProxyIsFollowed(t *testing.T) {
	t.Parallel()
	const lab = `ns red r1 blue
link red 10.1.0.1/8 fd00:1::1/16 <-> r1:eth0 10.1.0.254/24 fd00:1::fe/64
link r1:eth1 10.2.0.254/24 fd00:2::fe/64 <-> blue 10.2.0.1/24 fd00:2::1/64
forward r1
route blue default via 10.2.0.254
route blue default via fd00:2::fe
`
	const ask = "why red -> 10.2.0.1\nwhy red -> fd00:2::1\n"
	const through = "r1    in by eth0, out by eth1"
	if out := labs.Output(t, lab+ask); strings.Contains(out, through) {
		t.Errorf("without a proxy:\n%s", out)
	}
	if out := labs.Output(t, lab+"proxy-arp r1:eth0\nneigh r1:eth0 fd00:2::1 proxy\n"+ask); strings.Count(out, through) != 2 {
		t.Errorf("with one:\n%s", out)
	}
}
