package ruleset

import (
	"encoding/binary"
	"net/netip"

	"nsl/runtime/plan"
)

// xtTarget is what a target of iptables(8) does.
func (p *Packet) xtTarget(e plan.XtTarget, sure bool) (truth, *act) {
	d := e.Data
	switch e.Name {
	case "LOG", "NFLOG", "TRACE", "CONNMARK", "CLASSIFY", "TCPMSS", "DSCP", "TOS", "CHECKSUM", "AUDIT", "SECMARK", "CONNSECMARK", "SET", "TEE", "HL":
		return yes, &act{kind: "continue"}
	case "MARK":
		if len(d) >= 8 && sure {
			p.Mark = p.Mark&^binary.NativeEndian.Uint32(d[4:]) ^ binary.NativeEndian.Uint32(d)
		}
		return yes, &act{kind: "continue"}
	case "CT", "NOTRACK":
		p.Untracked = p.Untracked || sure && (e.Name == "NOTRACK" || len(d) > 0 && d[0]&1 != 0)
		return yes, &act{kind: "continue"}
	case "TTL":
		if len(d) >= 2 && sure {
			p.TTL = []int{int(d[1]), p.TTL + int(d[1]), p.TTL - int(d[1])}[d[0]%3]
		}
		return yes, &act{kind: "continue"}
	case "REJECT":
		reset := uint32(7) // IPT_TCP_RESET
		if p.Dst.Is6() {
			reset = 6 // IP6T_TCP_RESET
		}
		return yes, &act{kind: "reject", reset: number(d) == reset}
	case "MASQUERADE":
		return yes, &act{kind: "masquerade"}
	case "SNAT", "DNAT", "REDIRECT":
		kind := map[string]string{"SNAT": "snat", "DNAT": "dnat", "REDIRECT": "redirect"}[e.Name]
		return yes, &act{kind: kind, to: xtTarget(e, p.Dst.Is6())}
	}
	return yes, &act{kind: "queue"} // NFQUEUE, and what is not known
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
