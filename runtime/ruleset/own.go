package ruleset

import (
	"encoding/binary"
	"net"
	"net/netip"

	"nsl/runtime/plan"
)

// scratch is the register that compiled rules use.
const scratch = 16

// TableOf is the lab's table as a table of expressions, for a world that has only what
// nsl made.
func TableOf(st plan.NftState) plan.FilterTable {
	t := plan.FilterTable{Family: "inet", Name: plan.NftTable, Program: plan.NftProgram}
	for i, ch := range st.Chains {
		priority, _ := plan.ChainPriority(ch.Priority) // the kernel has no others
		c := plan.FilterChain{Name: ch.Name, Type: ch.Type, Hook: ch.Hook, Priority: priority}
		for _, r := range st.Lists[i] {
			c.Rules = append(c.Rules, plan.FilterRule{Comment: r.Comment, Exprs: compile(*r)})
		}
		t.Chains = append(t.Chains, c)
	}
	return t
}

// compile makes the expressions of a rule.
func compile(r plan.NftRule) []plan.FilterExpr {
	var list []plan.FilterExpr
	equal := func(load plan.FilterExpr, not bool, data []byte) {
		op := ""
		if not {
			op = "!="
		}
		list = append(list, load, plan.Compare{Op: op, Src: scratch, Data: data})
	}
	if r.IIf != "" {
		equal(plan.MetaKey{Key: "iifname", Dst: scratch}, r.NotIIf, padded(r.IIf))
	}
	if r.OIf != "" {
		equal(plan.MetaKey{Key: "oifname", Dst: scratch}, r.NotOIf, padded(r.OIf))
	}
	if six, limited := r.Family(); limited {
		equal(plan.MetaKey{Key: "nfproto", Dst: scratch}, false, []byte{map[bool]byte{false: 2, true: 10}[six]})
	}
	list = append(list, compileAddr(r.Src, true, false)...)
	list = append(list, compileAddr(r.Dst, false, r.NotDst)...)
	if n, ok := protocolNumber(r.Proto); ok {
		equal(plan.MetaKey{Key: "l4proto", Dst: scratch}, false, []byte{n})
	}
	list = append(list, compilePorts(r.Ports)...)
	if r.FromLocal {
		equal(plan.Fib{Result: "type", Source: true, Dst: scratch}, false, native32(2))
	}
	if r.ToLocal {
		equal(plan.Fib{Result: "type", Dst: scratch}, false, native32(2))
	}
	if r.Translated {
		list = append(list, compileBits("status", statusDstNAT)...)
	}
	if r.State != 0 {
		list = append(list, compileBits("state", uint32(r.State))...)
	}
	if r.Turn != 0 {
		list = append(list, plan.Opaque{Name: "numgen"})
	}
	return append(list, compileAction(r)...)
}

// compilePorts compares the destination port.
func compilePorts(ports plan.PortRange) []plan.FilterExpr {
	if ports.Any() {
		return nil
	}
	compare := func(op string, port uint16) plan.FilterExpr {
		return plan.Compare{Op: op, Src: scratch, Data: binary.BigEndian.AppendUint16(nil, port)}
	}
	load := plan.Payload{Base: "transport", Offset: 2, Len: 2, Dst: scratch}
	if ports.First == ports.Last {
		return []plan.FilterExpr{load, compare("", ports.First)}
	}
	return []plan.FilterExpr{load, compare(">=", ports.First), compare("<=", ports.Last)}
}

func protocolNumber(name string) (byte, bool) {
	n, ok := map[string]byte{"tcp": ProtoTCP, "udp": ProtoUDP, "icmp": ProtoICMP, "ipv6-icmp": ProtoICMP6}[name]
	return n, ok
}

func compileAddr(p netip.Prefix, source, not bool) []plan.FilterExpr {
	if !p.IsValid() {
		return nil
	}
	at, size := 16, 4
	switch {
	case p.Addr().Is6() && source:
		at, size = 8, 16
	case p.Addr().Is6():
		at, size = 24, 16
	case source:
		at = 12
	}
	mask := net.CIDRMask(p.Bits(), 8*size)
	op := ""
	if not {
		op = "!="
	}
	return []plan.FilterExpr{plan.Payload{Base: "network", Offset: at, Len: size, Dst: scratch},
		plan.Bitwise{Src: scratch, Dst: scratch, Mask: mask}, plan.Compare{Op: op, Src: scratch, Data: p.Masked().Addr().AsSlice()}}
}

func compileBits(key string, bits uint32) []plan.FilterExpr {
	return []plan.FilterExpr{plan.CtKey{Key: key, Dst: scratch}, plan.Bitwise{Src: scratch, Dst: scratch, Mask: native32(bits)},
		plan.Compare{Op: "!=", Src: scratch, Data: native32(0)}}
}

func compileAction(r plan.NftRule) []plan.FilterExpr {
	switch r.Verdict {
	case "masquerade":
		return []plan.FilterExpr{plan.Translate{Kind: "masquerade"}}
	case "reject":
		return []plan.FilterExpr{plan.Reject{Reset: r.Proto == "tcp"}}
	case "dnat", "snat":
		return compileNAT(r)
	case "redirect":
		return []plan.FilterExpr{plan.Immediate{Dst: scratch, Data: binary.BigEndian.AppendUint16(nil, r.To.Port())}, plan.Translate{Kind: r.Verdict, Port: scratch}}
	case "mark":
		return []plan.FilterExpr{plan.Immediate{Dst: scratch, Data: native32(r.Mark)}, plan.SetMeta{Key: "mark", Src: scratch}}
	case plan.Foreign:
		return []plan.FilterExpr{plan.Opaque{Name: "rule"}}
	}
	return []plan.FilterExpr{plan.Verdict{Kind: r.Verdict}}
}

func compileNAT(r plan.NftRule) []plan.FilterExpr {
	const addrAt, portAt = 16, 32
	nat := plan.Translate{Kind: r.Verdict, Addr: addrAt}
	list := []plan.FilterExpr{plan.Immediate{Dst: addrAt, Data: r.To.Addr().AsSlice()}}
	if r.To.Port() != 0 {
		nat.Port = portAt
		list = append(list, plan.Immediate{Dst: portAt, Data: binary.BigEndian.AppendUint16(nil, r.To.Port())})
	}
	return append(list, nat)
}
