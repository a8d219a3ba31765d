package xtables

import (
	"net/netip"
	"slices"
	"strings"

	"nsl/runtime/nfmsg"
)

// Flags of ranges (NF_NAT_RANGE_*, <linux/netfilter/nf_nat.h>).
const mapsAddress, mapsPort, randomPort, persistent, randomFully = 1, 2, 4, 8, 16

// natRange is what addresses and ports change to.
type natRange struct {
	flags    uint32
	from, to netip.Addr
	ports    [2]uint16
}

// translation is a target of NAT: the structure is nf_nat_ipv4_multi_range_compat, but for
// IPv6 and DNAT.
func (r *rule) translation(p *parser, e nfmsg.Exprs) nfmsg.Exprs {
	n := natRange{}
	switch r.target {
	case "SNAT", "DNAT":
		n = p.natRange(r.data.to)
	default:
		if r.data.ports != "" {
			n.flags |= mapsPort
			n.ports = p.portSpan(r.data.ports)
		}
	}
	n.flags |= r.data.random
	if n.flags&mapsPort != 0 && (!slices.Contains([]int{6, 17, 132}, r.proto) || r.notProto) {
		p.unsupported()
	}
	switch {
	case r.target == "DNAT":
		return e.Extension("target", "DNAT", 2, n.wide(48))
	case p.cmd.Six && r.target == "SNAT":
		return e.Extension("target", "SNAT", 1, n.wide(40))
	case p.cmd.Six:
		return e.Extension("target", r.target, 0, n.wide(40))
	}
	return e.Extension("target", r.target, 0, n.narrow())
}

// natRange reads ADDRESS[-ADDRESS][:PORT[-PORT]].
func (p *parser) natRange(text string) (n natRange) {
	n.flags = mapsAddress
	addrs, ports := text, ""
	switch i := strings.LastIndexByte(text, ':'); {
	case strings.HasPrefix(text, "["):
		addrs, ports, _ = strings.Cut(text[1:], "]")
		ports = strings.TrimPrefix(ports, ":")
	case !p.cmd.Six && i >= 0:
		addrs, ports = text[:i], text[i+1:]
		if ports == "" {
			p.unsupported()
		}
	}
	if ports != "" {
		n.flags |= mapsPort
		n.ports = p.portSpan(ports)
	}
	from, to, ranged := strings.Cut(addrs, "-")
	if !ranged {
		to = from
	}
	var errFrom, errTo error
	n.from, errFrom = netip.ParseAddr(from)
	n.to, errTo = netip.ParseAddr(to)
	if errFrom != nil || errTo != nil || n.from.Is6() != p.cmd.Six || n.to.Is6() != p.cmd.Six || n.to.Less(n.from) {
		p.unsupported()
	}
	return n
}

func (p *parser) portSpan(text string) [2]uint16 {
	from, to, ranged := strings.Cut(text, "-")
	if !ranged {
		to = from
	}
	span := [2]uint16{p.port(from), p.port(to)}
	if span[0] > span[1] || span[0] == 0 {
		p.unsupported()
	}
	return span
}

// narrow is struct nf_nat_ipv4_multi_range_compat.
func (n natRange) narrow() []byte {
	b := append(nfmsg.Native32(1), nfmsg.Native32(n.flags)...)
	for _, a := range []netip.Addr{n.from, n.to} {
		four := [4]byte{}
		if a.Is4() {
			four = a.As4()
		}
		b = append(b, four[:]...)
	}
	return append(append(b, port(n.ports[0])...), port(n.ports[1])...)
}

// wide is struct nf_nat_range, or nf_nat_range2.
func (n natRange) wide(size int) []byte {
	b := make([]byte, size)
	copy(b, nfmsg.Native32(n.flags))
	for i, a := range []netip.Addr{n.from, n.to} {
		copy(b[4+16*i:], a.AsSlice())
	}
	copy(b[36:], append(port(n.ports[0]), port(n.ports[1])...))
	return b
}
