package stdlib

import (
	"nsl/lang/diag"
	"nsl/lang/source"
)

// minMTU6 is the smallest MTU of a link that carries IPv6, in bytes (RFC 8200,
// section 5); the kernel takes no IPv6 address on a smaller one.
const minMTU6 = 1280

// fits refuses an MTU that is too small for the IPv6 addresses of the segment;
// 0 is the kernel's own.
func (s *segment) fits(mtu int, at source.Span) {
	if mtu == 0 || mtu >= minMTU6 {
		return
	}
	for _, e := range s.all() {
		if e.has(true) || len(ofFamily(e.auto, true)) > 0 {
			s.p.Fail(diag.Errorf(diag.BadNumber, at, "%s gets an IPv6 address, and an MTU of %d is too small for IPv6", e.Ref, mtu).
				WithHelp("IPv6 needs %d bytes at least; for IPv4 alone: auto ipv4, or noaddr", minMTU6))
			return
		}
	}
}
