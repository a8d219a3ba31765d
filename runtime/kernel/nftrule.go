package kernel

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/google/nftables/expr"
	"github.com/google/nftables/userdata"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// reg is the register that nft loads what it compares into.
const reg = unix.NFT_REG_1

// addrField is where an address is in the network header (RFC 791, RFC 8200).
type addrField struct{ src, dst uint32 }

func fieldsOf(v6 bool) addrField {
	if v6 {
		return addrField{8, 24}
	}
	return addrField{12, 16}
}

// ruleExprs are the expressions that nft makes from r.String().
func ruleExprs(r plan.NftRule) ([]expr.Any, error) {
	if !r.OneFamily() {
		return nil, fmt.Errorf("addresses of two families: %w", unix.EINVAL)
	}
	action, err := actionExprs(r)
	if err != nil {
		return nil, err
	}
	e := slices.Concat(ifaceExprs(expr.MetaKeyIIFNAME, r.IIf, r.NotIIf), ifaceExprs(expr.MetaKeyOIFNAME, r.OIf, r.NotOIf))
	if r.ToLocal {
		e = append(e, localExprs(&expr.Fib{Register: reg, ResultADDRTYPE: true, FlagDADDR: true})...)
	}
	// In an inet table an address is compared only in packets of its family.
	// nft asks for the family once.
	if v6, limited := r.Family(); limited {
		op := expr.CmpOpEq
		if r.NotDst {
			op = expr.CmpOpNeq
		}
		e = slices.Concat(e, metaExprs(expr.MetaKeyNFPROTO, nfproto(v6)),
			addrExprs(fieldsOf(v6).src, r.Src, expr.CmpOpEq), addrExprs(fieldsOf(v6).dst, r.Dst, op))
	}
	proto, err := protoExprs(r)
	if err != nil {
		return nil, err
	}
	e = slices.Concat(e, proto, connExprs(r))
	if r.Turn != 0 {
		e = append(e, &expr.Numgen{Register: reg, Modulus: r.Turn, Type: unix.NFT_NG_INCREMENTAL},
			&expr.Cmp{Op: expr.CmpOpEq, Register: reg, Data: make([]byte, 4)})
	}
	if r.Counter {
		e = append(e, &expr.Counter{})
	}
	return append(e, action...), nil
}

// l4protos are the numbers of the protocols that a rule may name (RFC 5237).
var l4protos = map[string]byte{
	"tcp": unix.IPPROTO_TCP, "udp": unix.IPPROTO_UDP, "icmp": unix.IPPROTO_ICMP, "ipv6-icmp": unix.IPPROTO_ICMPV6,
}

// portOffset and portSize are where TCP and UDP have the destination port (RFC 9293, RFC 768).
const portOffset, portSize = 2, 2

func protoExprs(r plan.NftRule) ([]expr.Any, error) {
	if r.Proto == "" && r.Ports.Any() {
		return nil, nil
	}
	number, ok := l4protos[r.Proto]
	if !ok || !r.Ports.Any() && r.Proto != "tcp" && r.Proto != "udp" {
		return nil, fmt.Errorf("port %s of protocol %q: %w", r.Ports, r.Proto, unix.EINVAL)
	}
	e := metaExprs(expr.MetaKeyL4PROTO, number)
	if r.Ports.Any() {
		return e, nil
	}
	e = append(e, &expr.Payload{DestRegister: reg, Base: expr.PayloadBaseTransportHeader, Offset: portOffset, Len: portSize})
	if r.Ports.First == r.Ports.Last {
		return append(e, portExpr(expr.CmpOpEq, r.Ports.First)), nil
	}
	return append(e, portExpr(expr.CmpOpGte, r.Ports.First), portExpr(expr.CmpOpLte, r.Ports.Last)), nil
}

func portExpr(op expr.CmpOp, port uint16) *expr.Cmp {
	return &expr.Cmp{Op: op, Register: reg, Data: binary.BigEndian.AppendUint16(nil, port)}
}

// translatedBit says that the destination was translated (IPS_DST_NAT,
// <linux/netfilter/nf_conntrack_common.h>).
const translatedBit = 1 << 5

// connExprs compare what is known of the connection.
func connExprs(r plan.NftRule) []expr.Any {
	var e []expr.Any
	if r.FromLocal {
		e = append(e, localExprs(&expr.Fib{Register: reg, ResultADDRTYPE: true, FlagSADDR: true})...)
	}
	if r.Translated {
		e = append(e, bitExprs(expr.CtKeySTATUS, translatedBit)...)
	}
	if r.State != 0 {
		e = append(e, bitExprs(expr.CtKeySTATE, uint32(r.State))...)
	}
	return e
}

// bitExprs ask whether one of some bits is set.
func bitExprs(key expr.CtKey, bits uint32) []expr.Any {
	zero := make([]byte, 4)
	return []expr.Any{
		&expr.Ct{Register: reg, Key: key},
		&expr.Bitwise{SourceRegister: reg, DestRegister: reg, Len: 4, Mask: binary.NativeEndian.AppendUint32(nil, bits), Xor: zero},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: reg, Data: zero},
	}
}

// localExprs ask whether an address is the node's own.
func localExprs(f *expr.Fib) []expr.Any {
	return []expr.Any{f, &expr.Cmp{Op: expr.CmpOpEq, Register: reg, Data: binary.NativeEndian.AppendUint32(nil, unix.RTN_LOCAL)}}
}

// actionExprs are what a rule does.
func actionExprs(r plan.NftRule) ([]expr.Any, error) {
	switch r.Verdict {
	case "masquerade":
		return []expr.Any{&expr.Masq{}}, nil
	case "accept":
		return []expr.Any{&expr.Verdict{Kind: expr.VerdictAccept}}, nil
	case "drop":
		return []expr.Any{&expr.Verdict{Kind: expr.VerdictDrop}}, nil
	case "reject":
		return []expr.Any{rejection(r)}, nil
	case "mark":
		return []expr.Any{&expr.Immediate{Register: reg, Data: binary.NativeEndian.AppendUint32(nil, r.Mark)},
			&expr.Meta{Key: expr.MetaKeyMARK, SourceRegister: true, Register: reg}}, nil
	case "redirect":
		if !r.To.IsValid() && r.To.Port() != 0 {
			return []expr.Any{&expr.Immediate{Register: reg, Data: binary.BigEndian.AppendUint16(nil, r.To.Port())},
				&expr.Redir{RegisterProtoMin: reg, Flags: expr.NF_NAT_RANGE_PROTO_SPECIFIED}}, nil
		}
	case "dnat", "snat":
		if r.To.IsValid() {
			return natExprs(r.Verdict, r.To), nil
		}
	}
	return nil, fmt.Errorf("verdict %q: %w", r.Verdict, unix.EINVAL)
}

func rejection(r plan.NftRule) *expr.Reject {
	if r.Proto == "tcp" {
		return &expr.Reject{Type: unix.NFT_REJECT_TCP_RST}
	}
	return &expr.Reject{Type: unix.NFT_REJECT_ICMPX_UNREACH, Code: unix.NFT_REJECT_ICMPX_ADMIN_PROHIBITED}
}

// portReg is the register that nft loads the new port into.
const portReg = unix.NFT_REG_2

func natExprs(verdict string, to netip.AddrPort) []expr.Any {
	e := []expr.Any{&expr.Immediate{Register: reg, Data: to.Addr().AsSlice()}}
	nat := &expr.NAT{Type: natTypes()[verdict], Family: uint32(nfproto(to.Addr().Is6())), RegAddrMin: reg}
	if to.Port() != 0 {
		e = append(e, &expr.Immediate{Register: portReg, Data: binary.BigEndian.AppendUint16(nil, to.Port())})
		nat.RegProtoMin, nat.Specified = portReg, true
	}
	return append(e, nat)
}

func natTypes() map[string]expr.NATType {
	return map[string]expr.NATType{"dnat": expr.NATTypeDestNAT, "snat": expr.NATTypeSourceNAT}
}

func ifaceExprs(key expr.MetaKey, name string, not bool) []expr.Any {
	if name == "" {
		return nil
	}
	padded := make([]byte, unix.IFNAMSIZ)
	copy(padded, name)
	e := metaExprs(key, padded...)
	if not {
		e[1].(*expr.Cmp).Op = expr.CmpOpNeq
	}
	return e
}

func metaExprs(key expr.MetaKey, value ...byte) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: key, Register: reg},
		&expr.Cmp{Op: expr.CmpOpEq, Register: reg, Data: value},
	}
}

func nfproto(v6 bool) byte {
	if v6 {
		return unix.NFPROTO_IPV6
	}
	return unix.NFPROTO_IPV4
}

// addrExprs compares a prefix. nft loads only as many bytes as a prefix of
// whole bytes has, and masks others.
func addrExprs(offset uint32, p netip.Prefix, op expr.CmpOp) []expr.Any {
	if !p.IsValid() {
		return nil
	}
	ip := p.Masked().Addr().AsSlice()
	whole := p.Bits() > 0 && p.Bits()%8 == 0
	n := len(ip)
	if whole {
		n = p.Bits() / 8
	}
	e := []expr.Any{&expr.Payload{
		DestRegister: reg, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: uint32(n),
	}}
	if !whole {
		e = append(e, &expr.Bitwise{
			SourceRegister: reg, DestRegister: reg, Len: uint32(n),
			Mask: net.CIDRMask(p.Bits(), 8*n), Xor: make([]byte, n),
		})
	}
	return append(e, &expr.Cmp{Op: op, Register: reg, Data: ip[:n]})
}

// comment is a rule's user data as nft writes it.
func comment(s string) []byte {
	if s == "" {
		return nil
	}
	return userdata.AppendString(nil, userdata.TypeComment, s)
}
