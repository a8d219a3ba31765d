package ruleset

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/netip"

	"nsl/runtime/plan"
)

// xtMatch is whether an extension of iptables(8) matches; each has a structure of its
// own (<linux/netfilter/xt_*.h>).
func (p *Packet) xtMatch(e plan.XtMatch) truth {
	d := e.Data
	need := map[string]int{"tcp": 12, "udp": 9, "icmp": 4, "icmp6": 4, "multiport": 48, "state": 4, "addrtype": 8, "iprange": 65,
		"mark": 9, "ttl": 2, "hl": 2, "length": 5, "mac": 12, "physdev": 66, "conntrack": 154, "ip": 28, "connmark": 9, "tos": 3, "dscp": 2}
	if n, ok := need[e.Name]; ok && len(d) < n {
		return maybe
	}
	native := binary.NativeEndian
	switch e.Name {
	case "comment":
		return yes
	case "tcp", "udp":
		return p.xtPorts(e.Name, d)
	case "icmp", "icmp6":
		return isTrue((d[0] == 0xFF || p.Type == d[0] && p.Code >= d[1] && p.Code <= d[2]) != (d[3] != 0))
	case "multiport":
		return p.xtMultiport(d)
	case "state":
		return isTrue(uint32(p.state())&native.Uint32(d) != 0)
	case "conntrack":
		return p.xtConntrack(d)
	case "addrtype":
		return p.xtAddrType(d)
	case "iprange":
		return p.xtRange(d)
	case "mark":
		return isTrue((p.Mark&native.Uint32(d[4:]) == native.Uint32(d)) != (d[8] != 0))
	case "ttl", "hl":
		return isTrue([]bool{p.TTL == int(d[1]), p.TTL != int(d[1]), p.TTL < int(d[1]), p.TTL > int(d[1])}[d[0]&3])
	case "length":
		if p.Size == 0 {
			return maybe
		}
		return isTrue((p.Size >= int(native.Uint16(d)) && p.Size <= int(native.Uint16(d[2:]))) != (d[4] != 0))
	case "mac":
		if p.SrcMAC == "" {
			return maybe
		}
		return isTrue((net.HardwareAddr(d[:6]).String() == p.SrcMAC) != (native.Uint32(d[8:]) != 0))
	case "physdev":
		return p.xtPhysdev(d)
	case "ip":
		return p.ebtIP(d)
	}
	return p.xtMarked(e.Name, d)
}

// xtMarked is whether the mark of the connection matches, or the class of the packet: what
// nsl's probes send has none.
func (p *Packet) xtMarked(name string, d []byte) truth {
	switch native := binary.NativeEndian; name {
	case "connmark":
		return isTrue((p.ConnMark&native.Uint32(d[4:]) == native.Uint32(d)) != (d[8] != 0))
	case "tos":
		return isTrue((d[1] == 0) != (d[2] != 0))
	case "dscp":
		return isTrue((d[0] == 0) != (d[1] != 0))
	}
	return maybe
}

// xtPorts is struct xt_tcp or xt_udp: ranges of ports, and TCP's flags.
func (p *Packet) xtPorts(name string, d []byte) truth {
	native := binary.NativeEndian
	flags := 8
	if name == "tcp" {
		flags = 11
	}
	from, to := native.Uint16(d), native.Uint16(d[2:])
	src := maybe
	switch {
	case from == 0 && to == 0xFFFF:
		src = yes
	case p.SrcPort != 0:
		src = isTrue((p.SrcPort >= from && p.SrcPort <= to) != (d[flags]&1 != 0))
	}
	dst := (p.DstPort >= native.Uint16(d[4:]) && p.DstPort <= native.Uint16(d[6:])) != (d[flags]&2 != 0)
	if name == "tcp" {
		dst = dst && (p.Flags&d[9] == d[10]) != (d[flags]&4 != 0)
		if d[8] != 0 {
			src = min(src, maybe) // an option of TCP
		}
	}
	if !dst {
		return no
	}
	return src
}

func (p *Packet) xtMultiport(d []byte) truth {
	native := binary.NativeEndian
	in := func(port uint16) bool {
		for i := 0; i < int(d[1]) && i < 15; i++ {
			from := native.Uint16(d[2+2*i:])
			to := from
			if d[32+i] != 0 && i+1 < 15 {
				i++
				to = native.Uint16(d[2+2*i:])
			}
			if port >= from && port <= to {
				return true
			}
		}
		return false
	}
	switch {
	case d[0] == 1:
		return isTrue(in(p.DstPort) != (d[47] != 0))
	case p.SrcPort == 0:
		return maybe
	case d[0] == 0:
		return isTrue(in(p.SrcPort) != (d[47] != 0))
	}
	return isTrue((in(p.SrcPort) || in(p.DstPort)) != (d[47] != 0))
}

// xtStateAlias is the flag of a conntrack match that was written as a state match.
const xtStateAlias = 1 << 13

// xtConntrack is struct xt_conntrack_mtinfo3, of which states are understood.
func (p *Packet) xtConntrack(d []byte) truth {
	native := binary.NativeEndian
	const flagsAt, invertAt, stateAt, onState = 146, 148, 150, 1
	if native.Uint16(d[flagsAt:])&^xtStateAlias == xtDirection && p.state() != plan.StateInvalid && p.state() != plan.StateUntracked {
		return isTrue(p.Reply == (native.Uint16(d[invertAt:])&xtDirection != 0))
	}
	if native.Uint16(d[flagsAt:])&^xtStateAlias != onState {
		return maybe
	}
	const snat, dnat, untracked = 1 << 6, 1 << 7, 1 << 8
	state := uint16(p.state())
	if p.state() == plan.StateUntracked {
		state = untracked
	}
	if p.Status&statusSrcNAT != 0 {
		state |= snat
	}
	if p.Status&statusDstNAT != 0 {
		state |= dnat
	}
	return isTrue((state&native.Uint16(d[stateAt:]) != 0) != (native.Uint16(d[invertAt:])&onState != 0))
}

// Bits of a connection's status.
const (
	statusSrcNAT = 0x10
	statusDstNAT = 0x20
)

// StatusOf is the status of a connection whose source or destination is translated.
func StatusOf(src, dst bool) (s uint8) {
	if src {
		s |= statusSrcNAT
	}
	if dst {
		s |= statusDstNAT
	}
	return s
}

func (p *Packet) xtAddrType(d []byte) truth {
	native := binary.NativeEndian
	result := yes
	for i, addr := range []netip.Addr{p.Src, p.Dst} {
		want := native.Uint16(d[2*i:])
		if want == 0 {
			continue
		}
		kind := p.addrTypeNumber(addr)
		switch {
		case kind < 0:
			result = min(result, maybe)
		case (want&(1<<kind) != 0) == (native.Uint32(d[4:])&(1<<i) != 0):
			return no
		}
	}
	return result
}

func (p *Packet) addrTypeNumber(a netip.Addr) int {
	if p.Lab == nil || !a.IsValid() {
		return -1
	}
	d := p.addrType(a)
	if !d.all() {
		return -1
	}
	return int(number(d.bytes))
}

func (p *Packet) xtRange(d []byte) truth {
	flags := d[64]
	in := func(a netip.Addr, at int) bool {
		b := a.AsSlice()
		return bytes.Compare(b, d[at:at+len(b)]) >= 0 && bytes.Compare(b, d[at+16:at+16+len(b)]) <= 0
	}
	return isTrue((flags&1 == 0 || in(p.Src, 0) != (flags&0x10 != 0)) && (flags&2 == 0 || in(p.Dst, 32) != (flags&0x20 != 0)))
}

// ebtIP is struct ebt_ip_info of ebtables(8): addresses and masks, then a protocol, bits
// that say what is asked and what is inverted, and ranges of ports.
func (p *Packet) ebtIP(d []byte) truth {
	const src, dst, tos, proto, sport, dport = 1, 2, 4, 8, 16, 32
	asks, inverts := d[18], d[19]
	if p.ARP != 0 || p.Dst.Is6() {
		return no
	}
	masked := func(a netip.Addr, at int) bool {
		b := a.As4()
		for i := range b {
			if b[i]&d[at+8+i] != d[at+i] {
				return false
			}
		}
		return true
	}
	within := func(port uint16, at int) bool {
		return port >= binary.NativeEndian.Uint16(d[at:]) && port <= binary.NativeEndian.Uint16(d[at+2:])
	}
	for bit, holds := range map[byte]func() bool{
		src: func() bool { return masked(p.Src, 0) }, dst: func() bool { return masked(p.Dst, 4) },
		proto: func() bool { return p.Proto == d[17] }, dport: func() bool { return within(p.DstPort, 24) },
	} {
		if asks&bit != 0 && holds() == (inverts&bit != 0) {
			return no
		}
	}
	if asks&(tos|sport) != 0 {
		return maybe
	}
	return yes
}

func (p *Packet) xtPhysdev(d []byte) truth {
	invert, bits := d[64], d[65]
	name := func(at int) string { return string(bytes.TrimRight(d[at:at+16], "\x00")) }
	for bit, holds := range map[byte]bool{
		1: p.PortIn != "" && p.PortIn == name(0), 2: p.PortOut != "" && p.PortOut == name(32),
		4: p.PortIn != "" && p.PortOut != "", 8: p.PortIn != "", 16: p.PortOut != "",
	} {
		if bits&bit != 0 && holds == (invert&bit != 0) {
			return no
		}
	}
	return yes
}
