package nfread

import (
	"strconv"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// exprs reads the expressions of a rule, unknown ones too.
func exprs(list []byte) []plan.FilterExpr {
	var all []plan.FilterExpr
	for _, e := range rtnl.Attributes(list, 0) {
		all = append(all, exprIn(e))
	}
	return all
}

// exprOf reads one expression.
func exprOf(name string, as attributes) plan.FilterExpr {
	switch name {
	case "payload", "meta", "ct", "fib":
		return load(name, as)
	case "cmp", "range", "bitwise", "byteorder", "lookup", "immediate":
		return calculation(name, as)
	case "nat", "masq", "redir", "reject":
		return action(name, as)
	case "match":
		return plan.XtMatch{Name: as.text(1), Revision: as.number(2), Data: as[3]}
	case "target":
		return plan.XtTarget{Name: as.text(1), Revision: as.number(2), Data: as[3]}
	case "notrack":
		return plan.NoTrack{}
	}
	return besides(name, as)
}

// register is where a register begins in the file: 1 to 4 have 16 bytes, the others
// four (nft_parse_register, net/netfilter/nf_tables_api.c).
func (as attributes) register(typ int) int {
	const wide, word = 16, 4
	n := as.number(typ)
	if as[typ] == nil {
		return 0
	}
	if n >= unix.NFT_REG32_00 {
		return wide + (n-unix.NFT_REG32_00)*word
	}
	return n * wide
}

func load(name string, as attributes) plan.FilterExpr {
	switch {
	case name == "payload" && as[unix.NFTA_PAYLOAD_SREG] != nil:
		bases := []string{"link", "network", "transport", "inner"}
		base := as.number(unix.NFTA_PAYLOAD_BASE)
		if base < 0 || base >= len(bases) {
			return plan.Opaque{Name: "payload set"}
		}
		return plan.SetPayload{Base: bases[base], Offset: as.number(unix.NFTA_PAYLOAD_OFFSET),
			Len: as.number(unix.NFTA_PAYLOAD_LEN), Src: as.register(unix.NFTA_PAYLOAD_SREG)}
	case name == "payload":
		bases := []string{"link", "network", "transport", "inner"}
		base := as.number(unix.NFTA_PAYLOAD_BASE)
		if base < 0 || base >= len(bases) {
			return plan.Opaque{Name: name}
		}
		return plan.Payload{Base: bases[base], Offset: as.number(unix.NFTA_PAYLOAD_OFFSET),
			Len: as.number(unix.NFTA_PAYLOAD_LEN), Dst: as.register(unix.NFTA_PAYLOAD_DREG)}
	case name == "meta" && as[unix.NFTA_META_SREG] != nil:
		return plan.SetMeta{Key: metaKey(as.number(unix.NFTA_META_KEY)), Src: as.register(unix.NFTA_META_SREG)}
	case name == "meta":
		return plan.MetaKey{Key: metaKey(as.number(unix.NFTA_META_KEY)), Dst: as.register(unix.NFTA_META_DREG)}
	case name == "ct" && as[unix.NFTA_CT_SREG] != nil:
		return plan.SetCt{Key: ctKey(as.number(unix.NFTA_CT_KEY)), Src: as.register(unix.NFTA_CT_SREG)}
	case name == "ct":
		direction := as[unix.NFTA_CT_DIRECTION]
		return plan.CtKey{Key: ctKey(as.number(unix.NFTA_CT_KEY)), Reply: len(direction) > 0 && direction[0] == 1, Dst: as.register(unix.NFTA_CT_DREG)}
	}
	return fib(as)
}

// metaKey is a key as nft(8) has it (enum nft_meta_keys).
func metaKey(n int) string {
	names := []string{"length", "protocol", "priority", "mark", "iif", "oif", "iifname", "oifname", "iiftype", "oiftype",
		"skuid", "skgid", "nftrace", "rtclassid", "secmark", "nfproto", "l4proto", "ibrname", "obrname", "pkttype", "cpu",
		"iifgroup", "oifgroup", "cgroup", "random", "ipsec", "iifkind", "oifkind", "ibrpvid", "ibrvproto", "time", "day", "hour",
		"sdif", "sdifname", "broute"}
	if n < 0 || n >= len(names) {
		return strconv.Itoa(n)
	}
	return names[n]
}

// ctKey is a key as nft(8) has it (enum nft_ct_keys).
func ctKey(n int) string {
	names := []string{"state", "direction", "status", "mark", "secmark", "expiration", "helper", "l3proto", "saddr", "daddr",
		"protocol", "proto-src", "proto-dst", "label", "packets", "bytes", "avgpkt", "zone", "event", "ip saddr", "ip daddr",
		"ip6 saddr", "ip6 daddr", "id"}
	if n < 0 || n >= len(names) {
		return ""
	}
	return names[n]
}

func fib(as attributes) plan.FilterExpr {
	results := map[int]string{unix.NFT_FIB_RESULT_OIF: "oif", unix.NFT_FIB_RESULT_OIFNAME: "oifname", unix.NFT_FIB_RESULT_ADDRTYPE: "type"}
	flags := as.number(unix.NFTA_FIB_FLAGS)
	return plan.Fib{Result: results[as.number(unix.NFTA_FIB_RESULT)], Source: flags&unix.NFTA_FIB_F_SADDR != 0,
		Back: flags&unix.NFTA_FIB_F_IIF != 0, Exists: flags&unix.NFTA_FIB_F_PRESENT != 0, Dst: as.register(unix.NFTA_FIB_DREG)}
}

// comparison is one of the operators of cmp (enum nft_cmp_ops).
func comparison(n int) string {
	ops := []string{"", "!=", "<", "<=", ">", ">="}
	if n < 0 || n >= len(ops) {
		return ""
	}
	return ops[n]
}

func calculation(name string, as attributes) plan.FilterExpr {
	data := func(typ int) []byte { b, _ := value(as[typ]); return b }
	switch name {
	case "cmp":
		return plan.Compare{Op: comparison(as.number(unix.NFTA_CMP_OP)), Src: as.register(unix.NFTA_CMP_SREG), Data: data(unix.NFTA_CMP_DATA)}
	case "range":
		return plan.Between{Not: as.number(unix.NFTA_RANGE_OP) == 1, Src: as.register(unix.NFTA_RANGE_SREG),
			From: data(unix.NFTA_RANGE_FROM_DATA), To: data(unix.NFTA_RANGE_TO_DATA)}
	case "bitwise":
		const op = 6
		if as.number(op) != 0 || as[unix.NFTA_BITWISE_MASK] == nil {
			return plan.Opaque{Name: name}
		}
		return plan.Bitwise{Src: as.register(unix.NFTA_BITWISE_SREG), Dst: as.register(unix.NFTA_BITWISE_DREG),
			Mask: data(unix.NFTA_BITWISE_MASK), Xor: data(unix.NFTA_BITWISE_XOR)}
	case "byteorder":
		return plan.ByteOrder{Src: as.register(unix.NFTA_BYTEORDER_SREG), Dst: as.register(unix.NFTA_BYTEORDER_DREG),
			Len: as.number(unix.NFTA_BYTEORDER_LEN), Size: as.number(unix.NFTA_BYTEORDER_SIZE)}
	case "lookup":
		return plan.Member{Set: as.text(unix.NFTA_LOOKUP_SET), Src: as.register(unix.NFTA_LOOKUP_SREG), Dst: as.register(unix.NFTA_LOOKUP_DREG),
			Maps: as[unix.NFTA_LOOKUP_DREG] != nil, Not: as.number(unix.NFTA_LOOKUP_FLAGS)&1 != 0}
	}
	b, verdict := value(as[unix.NFTA_IMMEDIATE_DATA])
	if verdict != nil {
		return *verdict
	}
	return plan.Immediate{Dst: as.register(unix.NFTA_IMMEDIATE_DREG), Data: b}
}

func action(name string, as attributes) plan.FilterExpr {
	switch name {
	case "reject":
		return reject(as)
	case "masq":
		return plan.Translate{Kind: "masquerade"}
	case "redir":
		return plan.Translate{Kind: "redirect", Port: as.register(unix.NFTA_REDIR_REG_PROTO_MIN)}
	}
	kind := "snat"
	if as.number(unix.NFTA_NAT_TYPE) == unix.NFT_NAT_DNAT {
		kind = "dnat"
	}
	return plan.Translate{Kind: kind, Addr: as.register(unix.NFTA_NAT_REG_ADDR_MIN), Port: as.register(unix.NFTA_NAT_REG_PROTO_MIN)}
}
