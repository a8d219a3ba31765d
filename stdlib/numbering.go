package stdlib

import (
	"net/netip"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// The pools that automatic subnets come from: 192.168.15.0/24 and on, as the
// tutorials have them, then 10.0.0.0/8; for IPv6 fd00:15::/64 and on, of the
// unique local addresses (RFC 4193).
const (
	firstThird = 15
	lastThird  = 255
)

// hostsIn is the number of addresses that a subnet of that many host bits has
// for interfaces.
func hostsIn(p netip.Prefix) int {
	host := p.Addr().BitLen() - p.Bits()
	switch {
	case host >= 30:
		return 1 << 30
	case p.Addr().Is4() && host >= 2:
		return 1<<host - 2
	case p.Addr().Is6() && host >= 2:
		return 1<<host - 1
	}
	return 1 << host // RFC 3021: both of a /31 are usable
}

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

// hexDigits spells a decimal number with hex digits, so that fd00:15:: stands
// beside 192.168.15.0: 15 gives 0x15.
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

// port is an interface that a statement makes, and the addresses it gets.
type port struct {
	plan.Ref
	at    source.Span
	addrs []netip.Prefix
	auto  []netip.Prefix
}

func (e *port) has(v6 bool) bool {
	for _, a := range e.addrs {
		if a.Addr().Is6() == v6 {
			return true
		}
	}
	return false
}

// ops are the address ops of a port, the explicit addresses first.
func (e *port) ops() []plan.Op {
	var ops []plan.Op
	for _, a := range e.addrs {
		ops = append(ops, plan.AddAddr{Node: e.Node, Link: e.Link, Addr: a})
	}
	for _, a := range e.auto {
		ops = append(ops, plan.AddAddr{Node: e.Node, Link: e.Link, Addr: a, Auto: true})
	}
	return ops
}

// up sets the port up. When that is taken back, the fall takes its IPv6
// addresses away; the ops that gave them have to find them again.
func (e *port) up() plan.SetUp {
	op := plan.SetUp{Node: e.Node, Name: e.Link}
	for _, o := range e.ops() {
		if a, ok := o.(plan.AddAddr); ok && a.Addr.Addr().Is6() {
			op.Was = append(op.Was, a)
		}
	}
	return op
}

// segment is the ports of one new broadcast domain.
type segment struct {
	p       *verb.Plan
	at      source.Span
	members []*port
	// own is the bridge itself, or nil.
	own *port
	// noaddr: nothing is numbered but what is explicit.
	noaddr bool
}

// number gives addresses to the ports that have none: from the subnets that
// are named, else from those of the explicit addresses, else from the pool.
func (s *segment) number(subnets []netip.Prefix) {
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
		if len(m.addrs) > 0 {
			return true
		}
	}
	return false
}

func (s *segment) all() []*port {
	if s.own == nil {
		return s.members
	}
	return append(append([]*port(nil), s.members...), s.own)
}

// subnetsOf are the subnets of a family that the statement itself names. With
// automatic addresses off, an explicit address numbers nobody else.
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
		for _, a := range m.addrs {
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
		for _, a := range m.addrs {
			used[a.Addr()] = true
		}
	}
	free := func(a netip.Addr) bool { return !used[a] && len(book.At(a)) == 0 }
	v6 := net.Addr().Is6()
	if s.own != nil && !s.own.has(v6) && hostsIn(net) > 1 {
		if a, ok := lastFree(net, free); ok {
			used[a] = true
			s.own.auto = append(s.own.auto, netip.PrefixFrom(a, net.Bits()))
		}
	}
	next := firstHost(net)
	for _, m := range s.members {
		if m.has(v6) {
			continue
		}
		for ; inside(net, next) && !free(next); next = next.Next() {
		}
		if !inside(net, next) {
			s.full(net, m)
			return
		}
		m.auto = append(m.auto, netip.PrefixFrom(next, net.Bits()))
		used[next] = true
	}
}

func (s *segment) full(net netip.Prefix, m *port) {
	s.p.Fail(diag.Errorf(diag.SubnetFull, m.at, "%s has no address left for %s", net, m.Node).
		WithHelp("it holds %d; name a larger subnet", hostsIn(net)))
}

// firstHost is the first address for an interface: the network's own address
// is one only in a /31, /32, /127 or /128.
func firstHost(net netip.Prefix) netip.Addr {
	if net.Addr().BitLen()-net.Bits() < 2 {
		return net.Addr()
	}
	return net.Addr().Next()
}

// inside reports whether an address of the subnet can be an interface's.
func inside(net netip.Prefix, a netip.Addr) bool {
	if !net.Contains(a) {
		return false
	}
	return a.Is6() || net.Bits() >= 31 || net.Contains(a.Next()) // the last is the broadcast address
}

// lastFree is the last usable free address; of IPv6 the last of the lowest
// 65,535, so that it can be read.
func lastFree(net netip.Prefix, free func(netip.Addr) bool) (netip.Addr, bool) {
	b := net.Addr().AsSlice()
	for i := max(net.Bits(), len(b)*8-16*boolInt(net.Addr().Is6())); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	if net.Addr().Is4() {
		b = broadcast(net)
	}
	for a, _ := netip.AddrFromSlice(b); net.Contains(a) && a != net.Addr(); a = a.Prev() {
		if inside(net, a) && free(a) {
			return a, true
		}
	}
	return netip.Addr{}, false
}

func broadcast(net netip.Prefix) []byte {
	b := net.Addr().AsSlice()
	for i := net.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	return b
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// refuseDuplicates reports an address that two ports of the segment are given.
func (s *segment) refuseDuplicates() {
	seen := map[netip.Addr]*port{}
	for _, m := range s.all() {
		for _, a := range m.addrs {
			if other := seen[a.Addr()]; other != nil {
				s.p.Fail(diag.Errorf(diag.DuplicateAddr, m.at, "%s and %s would both have %s", other.Ref.Node, m.Ref.Node, a.Addr()).
					WithHelp("each end of a cable needs an address of its own").WithRelated(other.at, "the first is here"))
			}
			seen[a.Addr()] = m
		}
	}
}
