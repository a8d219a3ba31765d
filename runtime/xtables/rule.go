package xtables

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"nsl/runtime/nfmsg"
)

// rule is what is known of a rule while its words are read.
type rule struct {
	in, out  iface
	proto    int
	notProto bool
	hasProto bool
	src, dst []address
	fragment bool
	matches  []*match
	target   string
	goTo     bool
	// data are those of the target.
	data targetData
	any  bool
}

// iface is the name of an interface, which "+" at its end makes a beginning.
type iface struct {
	name string
	not  bool
}

type address struct {
	prefix netip.Prefix
	not    bool
}

func (r *rule) empty() bool { return !r.any }

// inverted takes the exclamation mark of an option.
func (p *parser) inverted() bool {
	not := p.not
	p.not = false
	return not
}

// matchOption reads an option of a rule.
func (p *parser) matchOption(w string) {
	p.rule.any = true
	switch w {
	case "-i", "--in-interface":
		p.rule.in = iface{not: p.inverted(), name: p.next()}
	case "-o", "--out-interface":
		p.rule.out = iface{not: p.inverted(), name: p.next()}
	case "-p", "--protocol", "--proto":
		p.protocol()
	case "-s", "--source", "--src":
		p.rule.src = p.addresses()
	case "-d", "--destination", "--dst":
		p.rule.dst = p.addresses()
	case "-f", "--fragment":
		p.rule.fragment = !p.cmd.Six
	case "-m", "--match":
		p.load(p.next())
	case "-j", "--jump", "-g", "--goto":
		p.jump(p.next(), w == "-g" || w == "--goto")
	default:
		if !p.extended(w) {
			p.unsupported()
		}
	}
	if p.not {
		p.unsupported()
	}
}

// protocols are those with a name (protocols(5)).
func protocols() map[string]int {
	return map[string]int{"all": 0, "icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ah": 51, "icmpv6": 58, "ipv6-icmp": 58,
		"ospf": 89, "sctp": 132, "vrrp": 112}
}

func (p *parser) protocol() {
	p.rule.notProto = p.inverted()
	name := strings.ToLower(p.next())
	n, ok := protocols()[name]
	if number, err := strconv.Atoi(name); err == nil && number >= 0 && number < 256 {
		n, ok = number, true
	}
	if !ok || p.rule.hasProto || n == 0 && p.rule.notProto || p.cmd.Six && n == 1 {
		p.unsupported()
	}
	p.rule.proto, p.rule.hasProto = n, n != 0
}

// addresses reads a list of prefixes; that of all addresses is none.
func (p *parser) addresses() (list []address) {
	not := p.inverted()
	for text := range strings.SplitSeq(p.next(), ",") {
		prefix, ok := prefixOf(text)
		if !ok || prefix.Addr().Is6() != p.cmd.Six || prefix.Bits() == 0 && not {
			p.unsupported()
			return nil
		}
		list = append(list, address{prefix, not})
	}
	if not && len(list) > 1 {
		p.unsupported()
	}
	return list
}

// prefixOf reads an address, with a length or a mask, without the bits of a host.
func prefixOf(text string) (netip.Prefix, bool) {
	host, length, found := strings.Cut(text, "/")
	if host == "0" {
		host = "0.0.0.0"
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || addr.Zone() != "" || addr.Is4In6() {
		return netip.Prefix{}, false
	}
	bits := addr.BitLen()
	if found {
		if bits, err = strconv.Atoi(length); err != nil {
			mask := net.ParseIP(length).To4()
			ones, size := net.IPMask(mask).Size()
			if size != addr.BitLen() {
				return netip.Prefix{}, false
			}
			bits = ones
		}
	}
	prefix, err := addr.Prefix(bits)
	return prefix, err == nil
}

// build makes the rules: one for each pair of a source and a destination.
func (r *rule) build(p *parser) (list []nfmsg.Exprs) {
	if (len(r.in.name) > 15) || len(r.out.name) > 15 || p.cmd.Chain == "INPUT" && r.out.name != "" || p.cmd.Chain == "PREROUTING" && r.out.name != "" ||
		p.cmd.Chain == "OUTPUT" && r.in.name != "" || p.cmd.Chain == "POSTROUTING" && r.in.name != "" {
		p.unsupported()
	}
	head := ifaceExprs(ifaceExprs(nil, nfmsg.MetaIIfName, r.in, p), nfmsg.MetaOIfName, r.out, p)
	if r.hasProto {
		head = head.Meta(nfmsg.MetaL4Proto).Compare(nfmsg.CompareOp(r.notProto), []byte{byte(r.proto)})
	}
	sources, destinations := r.src, r.dst
	if len(sources) == 0 {
		sources = []address{{}}
	}
	if len(destinations) == 0 {
		destinations = []address{{}}
	}
	srcAt, dstAt := uint32(12), uint32(16)
	if p.cmd.Six {
		srcAt, dstAt = 8, 24
	}
	for _, s := range sources {
		for _, d := range destinations {
			e := append(nfmsg.Exprs(nil), head...)
			list = append(list, r.tail(p, addressExprs(addressExprs(e, srcAt, s), dstAt, d)))
		}
	}
	return list
}

// tail adds what is after the addresses.
func (r *rule) tail(p *parser, e nfmsg.Exprs) nfmsg.Exprs {
	if r.fragment {
		e = e.Payload(nfmsg.NetworkHeader, 6, 2).Mask([]byte{0x1f, 0xff}).Compare(nfmsg.NotEqual, []byte{0, 0})
	}
	for _, m := range r.matches {
		e = m.exprs(p, e)
	}
	return r.action(p, e.Counter())
}

func ifaceExprs(e nfmsg.Exprs, key uint32, i iface, p *parser) nfmsg.Exprs {
	if i.name == "" {
		return e
	}
	name := append([]byte(i.name), 0)
	if strings.HasSuffix(i.name, "+") {
		name = []byte(strings.TrimSuffix(i.name, "+"))
	}
	if len(name) == 0 || strings.ContainsAny(i.name, " /!") {
		p.unsupported()
	}
	return e.Meta(key).Compare(nfmsg.CompareOp(i.not), name)
}

// addressExprs compare an address: of a prefix of whole bytes only these are loaded.
func addressExprs(e nfmsg.Exprs, at uint32, a address) nfmsg.Exprs {
	p := a.prefix
	if !p.IsValid() || p.Bits() == 0 {
		return e
	}
	bytes := p.Addr().AsSlice()
	if p.Bits()%8 == 0 {
		size := p.Bits() / 8
		return e.Payload(nfmsg.NetworkHeader, at, uint32(size)).Compare(nfmsg.CompareOp(a.not), bytes[:size])
	}
	return e.Payload(nfmsg.NetworkHeader, at, uint32(len(bytes))).Mask(net.CIDRMask(p.Bits(), 8*len(bytes))).Compare(nfmsg.CompareOp(a.not), bytes)
}
