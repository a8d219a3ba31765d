package eval

import (
	"fmt"
	"math/big"
	"net/netip"
)

// offset is the address n further on.
func offset(a netip.Addr, n *big.Int) (Value, error) {
	if r, ok := shift(a, n); ok {
		return Addr(r), nil
	}
	return nil, fmt.Errorf("there is no address %+d from %s", n, a)
}

// shift is the address by further on, unless it leaves the family's range.
func shift(a netip.Addr, by *big.Int) (netip.Addr, bool) {
	sum := new(big.Int).SetBytes(a.AsSlice())
	sum.Add(sum, by)
	if sum.Sign() < 0 || sum.BitLen() > a.BitLen() {
		return netip.Addr{}, false
	}
	r, ok := netip.AddrFromSlice(sum.FillBytes(make([]byte, a.BitLen()/8)))
	return r.WithZone(a.Zone()), ok
}
