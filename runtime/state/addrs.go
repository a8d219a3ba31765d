package state

import (
	"bytes"
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

// withoutAutomatic are the addresses of an interface without those that the kernel makes
// of a hardware address, which may be one that it has no more, and those that every
// loopback has.
func withoutAutomatic(l plan.Link) []netip.Prefix {
	return slices.DeleteFunc(slices.Clone(l.Addrs), func(p netip.Prefix) bool {
		a := p.Addr()
		return a.Is6() && a.IsLinkLocalUnicast() && bytes.Equal(a.AsSlice()[11:13], eui64) || l.Name == plan.Loopback && l.Kind == "" && a.IsLoopback()
	})
}
