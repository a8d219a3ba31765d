package ruleset

import (
	"encoding/binary"
	"net/netip"

	"nsl/runtime/plan"
)

// xtTarget is what a target of iptables(8) does.
func (p *Packet) xtTarget(e plan.XtTarget, sure bool) *act {
	switch e.Name {
	case "LOG", "NFLOG", "TRACE", "CLASSIFY", "TCPMSS", "DSCP", "TOS", "CHECKSUM", "AUDIT", "SECMARK", "CONNSECMARK", "SET", "TEE":
		return &act{kind: "continue"}
	case "MARK", "CONNMARK", "CT", "NOTRACK", "TTL", "HL":
		if sure {
			p.xtChange(e)
		}
		return &act{kind: "continue"}
	case "REJECT":
		reset := uint32(7) // IPT_TCP_RESET
		if p.Dst.Is6() {
			reset = 6 // IP6T_TCP_RESET
		}
		return &act{kind: "reject", reset: number(e.Data) == reset}
	case "MASQUERADE":
		return &act{kind: "masquerade"}
	case "NETMAP":
		return p.netmap(e)
	case "SNAT", "DNAT", "REDIRECT":
		kind := map[string]string{"SNAT": "snat", "DNAT": "dnat", "REDIRECT": "redirect"}[e.Name]
		return &act{kind: kind, to: xtTarget(e, p.Dst.Is6())}
	}
	return &act{kind: "queue"} // NFQUEUE, and what is not known
}

// xtChange does what a target changes: a mark, the time to live, the tracking.
func (p *Packet) xtChange(e plan.XtTarget) {
	d := e.Data
	switch {
	case e.Name == "NOTRACK":
		p.Untracked = true
	case e.Name == "MARK" && len(d) >= 8:
		p.Mark = p.Mark&^number(d[4:]) ^ number(d)
	case e.Name == "CONNMARK" && len(d) >= 13:
		p.connMark(d)
	case e.Name == "CT" && len(d) >= 4:
		p.Untracked = p.Untracked || d[0]&1 != 0
		p.Zone = binary.NativeEndian.Uint16(d[2:])
	case (e.Name == "TTL" || e.Name == "HL") && len(d) >= 2:
		p.TTL = []int{int(d[1]), p.TTL + int(d[1]), p.TTL - int(d[1])}[d[0]%3]
	}
}

// connMark is struct xt_connmark_tginfo1: it sets the mark of the connection, saves that of the
// packet there, or restores it.
func (p *Packet) connMark(d []byte) {
	const set, save, restore = 0, 1, 2
	value, mask, packet := number(d), number(d[4:]), number(d[8:])
	switch d[12] {
	case set:
		p.ConnMark = p.ConnMark&^mask ^ value
	case save:
		p.ConnMark = p.ConnMark&^mask ^ p.Mark&packet
	case restore:
		p.Mark = p.Mark&^packet ^ p.ConnMark&mask
	}
}

// netmap puts a network in the place of the destination's or, after routing, the source's:
// the range is that network (net/netfilter/xt_NETMAP.c).
func (p *Packet) netmap(e plan.XtTarget) *act {
	kind, a := "dnat", p.Dst
	if p.Hook == "postrouting" || p.Hook == "input" {
		kind, a = "snat", p.Src
	}
	d, at, last := e.Data, 4, 20
	if e.Revision == 0 && a.Is4() && len(d) < 40 {
		at, last = 8, 12
	}
	to := a.AsSlice()
	if len(d) < last+len(to) {
		return &act{kind: "queue"}
	}
	for i := range to {
		mask := ^(d[at+i] ^ d[last+i])
		to[i] = d[at+i]&mask | to[i]&^mask
	}
	addr, _ := netip.AddrFromSlice(to)
	return &act{kind: kind, to: netip.AddrPortFrom(addr, 0)}
}

// xtTarget is what an address and port change to: struct nf_nat_ipv4_multi_range_compat
// in revision 0, and nf_nat_range2 in later ones (<linux/netfilter/nf_nat.h>).
func xtTarget(e plan.XtTarget, six bool) netip.AddrPort {
	const mapsIP, mapsPort = 1, 2
	d, addrAt, addrLen, portAt := e.Data, 4, 4, 36
	if six {
		addrLen = 16
	}
	if e.Revision == 0 && len(d) < 40 {
		if len(d) < 20 {
			return netip.AddrPort{}
		}
		d, portAt = d[4:], 12
	}
	if len(d) < portAt+2 {
		return netip.AddrPort{}
	}
	var addr netip.Addr
	var port uint16
	flags := binary.NativeEndian.Uint32(d)
	if flags&mapsIP != 0 {
		addr, _ = netip.AddrFromSlice(d[addrAt : addrAt+addrLen])
	}
	if flags&mapsPort != 0 {
		port = binary.BigEndian.Uint16(d[portAt:])
	}
	return netip.AddrPortFrom(addr, port)
}
