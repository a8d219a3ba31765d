package probe

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
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
		e := icmpError{typ: c.typ, code: c.code, info: c.info, from: netip.MustParseAddr("192.0.2.1")}
		words := words4
		if c.v6 {
			e.from, words = netip.MustParseAddr("2001:db8::1"), words6
		}
		r := e.refusal(words)
		if r.What != c.want || r.From != e.from || r.Type != c.typ || r.Code != c.code {
			t.Errorf("%+v: got %+v, want %q", e, r, c.want)
		}
		if big := c.info >= 1280 && c.info < 2000; (r.MTU != 0) != big {
			t.Errorf("%q: MTU %d", r.What, r.MTU)
		}
	}
}

func TestErrnoWordsUnknown(t *testing.T) {
	if got := refusedHere(unix.ENOSYS); got.What != unix.ENOSYS.Error() || got.Errno != unix.ENOSYS {
		t.Errorf("%+v", got)
	}
}

// TestMessage4 has a packet as a raw socket gives it, whole and damaged.
func TestMessage4(t *testing.T) {
	header := append([]byte{0x46}, make([]byte, 23)...)
	body := []byte{0, 0, 0, 0, 0x12, 0x34, 0, 1, 0x50, 0x2f, 0}
	sum := internetChecksum(body)
	body[2], body[3] = byte(sum>>8), byte(sum)
	packet := slices.Concat(header, body)
	if got := message4(packet); !bytes.Equal(got, body) {
		t.Errorf("whole packet: % x", got)
	}
	packet[len(packet)-2] ^= 1
	if got := message4(packet); got != nil {
		t.Errorf("damaged packet: % x", got)
	}
	for n := range 24 {
		if got := message4(packet[:n]); got != nil {
			t.Errorf("cut to %d bytes: % x", n, got)
		}
	}
}

// TestChecksum has the example of RFC 1071 section 3.
func TestChecksum(t *testing.T) {
	if got := internetChecksum([]byte{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}); got != ^uint16(0xddf2) {
		t.Errorf("%#x", got)
	}
}

func FuzzErrorQueue(f *testing.F) {
	f.Add(make([]byte, 24))
	f.Add([]byte{113, 0, 0, 0, 2, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 10, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, ok := extendedError(b); ok && (!e.from.IsValid() || words4(e) == "" || words6(e) == "") {
			t.Errorf("%+v", e)
		}
		findControl(b, 0, 11)
		message4(b)
	})
}
