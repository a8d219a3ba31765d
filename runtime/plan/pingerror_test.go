package plan_test

import (
	"net/netip"
	"syscall"
	"testing"

	"nsl/runtime/plan"
)

// TestWords holds the words against those in the ping program (iputils).
func TestWords(t *testing.T) {
	for _, c := range []struct {
		v6        bool
		typ, code uint8
		info      uint32
		want      string
	}{
		{false, 3, 0, 0, "Destination Net Unreachable"},
		{false, 3, 1, 0, "Destination Host Unreachable"},
		{false, 3, 2, 0, "Destination Protocol Unreachable"},
		{false, 3, 3, 0, "Destination Port Unreachable"},
		{false, 3, 4, 1400, "Frag needed and DF set (mtu = 1400)"},
		{false, 3, 5, 0, "Source Route Failed"},
		{false, 3, 6, 0, "Destination Net Unknown"},
		{false, 3, 7, 0, "Destination Host Unknown"},
		{false, 3, 8, 0, "Source Host Isolated"},
		{false, 3, 9, 0, "Destination Net Prohibited"},
		{false, 3, 10, 0, "Destination Host Prohibited"},
		{false, 3, 11, 0, "Destination Net Unreachable for Type of Service"},
		{false, 3, 12, 0, "Destination Host Unreachable for Type of Service"},
		{false, 3, 13, 0, "Packet filtered"},
		{false, 3, 14, 0, "Precedence Violation"},
		{false, 3, 15, 0, "Precedence Cutoff"},
		{false, 3, 16, 0, "Dest Unreachable, Bad Code: 16"},
		{false, 11, 0, 0, "Time to live exceeded"},
		{false, 11, 1, 0, "Frag reassembly time exceeded"},
		{false, 11, 2, 0, "Time exceeded, Bad Code: 2"},
		{false, 12, 0, 20 << 24, "Parameter problem: pointer = 20"},
		{false, 42, 0, 0, "Bad ICMP type: 42"},
		{true, 1, 0, 0, "Destination unreachable: No route"},
		{true, 1, 1, 0, "Destination unreachable: Administratively prohibited"},
		{true, 1, 2, 0, "Destination unreachable: Beyond scope of source address"},
		{true, 1, 3, 0, "Destination unreachable: Address unreachable"},
		{true, 1, 4, 0, "Destination unreachable: Port unreachable"},
		{true, 1, 5, 0, "Destination unreachable: Source address failed ingress/egress policy"},
		{true, 1, 6, 0, "Destination unreachable: Reject route to destination"},
		{true, 1, 7, 0, "Destination unreachable: Unknown code 7"},
		{true, 2, 0, 1280, "Packet too big: mtu=1280"},
		{true, 3, 0, 0, "Time exceeded: Hop limit"},
		{true, 3, 1, 0, "Time exceeded: Defragmentation failure"},
		{true, 4, 0, 40, "Parameter problem: Wrong header field at 40"},
		{true, 4, 1, 6, "Parameter problem: Unknown header at 6"},
		{true, 4, 2, 7, "Parameter problem: Unknown option at 7"},
		{true, 99, 0, 0, "Bad ICMP type: 99"},
	} {
		from := netip.MustParseAddr("192.0.2.1")
		if c.v6 {
			from = netip.MustParseAddr("2001:db8::1")
		}
		r := plan.ICMPError(from, c.typ, c.code, c.info)
		if r.What != c.want || r.From != from || r.Type != c.typ || r.Code != c.code {
			t.Errorf("%+v: got %+v, want %q", c, r, c.want)
		}
		if big := c.info >= 1280 && c.info < 2000; (r.MTU != 0) != big {
			t.Errorf("%q: MTU %d", r.What, r.MTU)
		}
	}
}

func TestErrnoWordsUnknown(t *testing.T) {
	if got := plan.RefusedHere(syscall.ENOSYS); got.What != syscall.ENOSYS.Error() || got.Errno != syscall.ENOSYS {
		t.Errorf("%+v", got)
	}
}
