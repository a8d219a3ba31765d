package links

import (
	"net/netip"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// The pools that automatic subnets come from: 192.168.15.0/24 and on, as the
// tutorials have them, then 10.0.0.0/8; for IPv6 fd00:15::/64 and on, of the
// unique local addresses (RFC 4193).
const (
	firstThird = 15
	lastThird  = 255
)

// nextFree finds the next free subnet of a family with room for need addresses.
func nextFree(b *plan.Book, v6 bool, need int) (netip.Prefix, bool) {
	if v6 {
		return firstFree(b, firstThird, 0xffff, func(i int) netip.Prefix {
			a := [16]byte{0: 0xfd, 2: byte(hexDigits(i) >> 8), 3: byte(hexDigits(i))}
			return netip.PrefixFrom(netip.AddrFrom16(a), 64)
		})
	}
	if need <= 254 {
		p, ok := firstFree(b, firstThird, lastThird, func(i int) netip.Prefix {
			return netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 168, byte(i), 0}), 24)
		})
		if ok {
			return p, ok
		}
	}
	bits := 24
	for bits > 9 && 1<<(32-bits)-2 < need {
		bits--
	}
	return firstFree(b, 0, 1<<(bits-8)-1, func(i int) netip.Prefix {
		n := uint32(10)<<24 | uint32(i)<<(32-bits)
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), bits)
	})
}

// hexDigits spells a decimal number with hex digits, so that fd00:15:: goes
// with 192.168.15.0: 15 gives 0x15.
func hexDigits(i int) int {
	n, shift := 0, 0
	for ; i > 0; i /= 10 {
		n |= i % 10 << shift
		shift += 4
	}
	return n & 0xffff
}

func firstFree(b *plan.Book, from, to int, at func(int) netip.Prefix) (netip.Prefix, bool) {
	return b.FirstFree(to-from+1, func(i int) netip.Prefix { return at(from + i) })
}

// segment is the ports of one new broadcast domain.
type segment struct {
	p       *verb.Plan
	at      source.Span
	members []*lab.Port
	// own is the bridge itself, or nil.
	own *lab.Port
	// noaddr: nothing is numbered but what is explicit.
	noaddr bool
	// left are ports that are not numbered.
	left map[*lab.Port]bool
}

// leave leaves a port without an automatic address.
func (s *segment) leave(e *lab.Port) {
	if s.left == nil {
		s.left = map[*lab.Port]bool{}
	}
	s.left[e] = true
}

// number gives addresses to the ports that have none: from the subnets that
// are named, else from those of the explicit addresses, else from the pool.
func (s *segment) number(subnets []netip.Prefix) {
	s.assign(subnets)
	s.ipv6On()
}

// ipv6On refuses IPv6 addresses where a setting keeps IPv6 off.
func (s *segment) ipv6On() {
	for _, e := range s.all() {
		if !s.p.Uncertain() && (e.Has(true) || len(lab.OfFamily(e.Auto, true)) > 0) {
			s.p.Fail(lab.NoIPv6(s.p, e.At, e.Node, e.Link))
		}
	}
}

func (s *segment) assign(subnets []netip.Prefix) {
	book, err := s.p.Book()
	if err != nil {
		s.p.Err(s.at, err)
		return
	}
	s.refuseDuplicates()
	if s.noaddr {
		return
	}
	explicit := len(subnets) > 0 || s.anyExplicit()
	auto := s.p.Auto()
	for _, v6 := range []bool{false, true} {
		for _, net := range s.subnetsOf(v6, subnets, auto) {
			s.fill(book, net)
		}
		if wanted := auto.V4 && !v6 || auto.V6 && v6; explicit || !wanted {
			continue
		}
		net, ok := nextFree(book, v6, len(s.members)+1)
		if !ok {
			s.p.Fail(diag.Errorf(diag.SubnetFull, s.at, "there is no free subnet left for %d addresses", len(s.members)+1).
				WithHelp("name one, or turn automatic addresses off: auto off"))
			return
		}
		s.fill(book, net)
	}
}

func (s *segment) anyExplicit() bool {
	for _, m := range s.all() {
		if len(m.Addrs) > 0 {
			return true
		}
	}
	return false
}

func (s *segment) all() []*lab.Port {
	if s.own == nil {
		return s.members
	}
	return append(append([]*lab.Port(nil), s.members...), s.own)
}

// subnetsOf are the subnets of a family that the statement itself names. With
// automatic addresses off, an explicit address numbers no other end.
func (s *segment) subnetsOf(v6 bool, named []netip.Prefix, auto verb.Auto) []netip.Prefix {
	var nets []netip.Prefix
	for _, n := range named {
		if n.Addr().Is6() == v6 {
			nets = append(nets, n)
		}
	}
	if len(nets) > 0 || !auto.V4 && !auto.V6 {
		return nets
	}
	for _, m := range s.all() {
		for _, a := range m.Addrs {
			if a.Addr().Is6() == v6 && !a.IsSingleIP() {
				return []netip.Prefix{a.Masked()}
			}
		}
	}
	return nil
}

// fill gives every port without an address of the subnet's family the next one
// in it: members .1, .2, … in their order, the bridge itself the last.
func (s *segment) fill(book *plan.Book, net netip.Prefix) {
	used := map[netip.Addr]bool{}
	for _, m := range s.all() {
		for _, a := range m.Addrs {
			used[a.Addr()] = true
		}
	}
	free := func(a netip.Addr) bool { return !used[a] && len(book.At(a)) == 0 }
	v6 := net.Addr().Is6()
	if s.own != nil && !s.left[s.own] && !s.own.Has(v6) && lab.HostsIn(net) > 1 {
		if a, ok := lab.LastFree(net, free); ok {
			used[a] = true
			s.own.Auto = append(s.own.Auto, netip.PrefixFrom(a, net.Bits()))
		}
	}
	next := lab.FirstHost(net)
	for _, m := range s.members {
		if m.Has(v6) || s.left[m] {
			continue
		}
		for ; lab.Inside(net, next) && !free(next); next = next.Next() {
		}
		if !lab.Inside(net, next) {
			s.full(net, m)
			return
		}
		m.Auto = append(m.Auto, netip.PrefixFrom(next, net.Bits()))
		used[next] = true
	}
}

func (s *segment) full(net netip.Prefix, m *lab.Port) {
	s.p.Fail(diag.Errorf(diag.SubnetFull, m.At, "%s has no address left for %s", net, m.Node).
		WithHelp("it holds %d; name a larger subnet", lab.HostsIn(net)))
}

// refuseDuplicates reports an address that two ports of the segment are given.
func (s *segment) refuseDuplicates() {
	seen := map[netip.Addr]*lab.Port{}
	for _, m := range s.all() {
		for _, a := range m.Addrs {
			if other := seen[a.Addr()]; other != nil {
				s.p.Fail(diag.Errorf(diag.DuplicateAddr, m.At, "%s and %s would both have %s", other.Ref.Node, m.Ref.Node, a.Addr()).
					WithHelp("each end of a cable needs an address of its own").WithRelated(other.At, "the first is here"))
			}
			seen[a.Addr()] = m
		}
	}
}
