package kernel

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"

	"github.com/google/nftables"
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
	var e []expr.Any
	e = append(e, ifaceExprs(expr.MetaKeyIIFNAME, r.IIf)...)
	e = append(e, ifaceExprs(expr.MetaKeyOIFNAME, r.OIf)...)
	if r.Src.IsValid() && r.Dst.IsValid() && r.Src.Addr().Is6() != r.Dst.Addr().Is6() {
		return nil, fmt.Errorf("addresses of two families: %w", unix.EINVAL)
	}
	// In an inet table an address is compared only in packets of its family.
	// nft asks for the family once.
	if r.Src.IsValid() || r.Dst.IsValid() {
		v6 := r.Src.Addr().Is6() || r.Dst.Addr().Is6()
		e = append(e, nfprotoExprs(v6)...)
		e = append(e, addrExprs(fieldsOf(v6).src, r.Src, expr.CmpOpEq)...)
		op := expr.CmpOpEq
		if r.NotDst {
			op = expr.CmpOpNeq
		}
		e = append(e, addrExprs(fieldsOf(v6).dst, r.Dst, op)...)
	}
	v := verdict(r.Verdict)
	if v == nil {
		return nil, fmt.Errorf("verdict %q: %w", r.Verdict, unix.EINVAL)
	}
	return append(e, v), nil
}

func verdict(word string) expr.Any {
	switch word {
	case "masquerade":
		return &expr.Masq{}
	case "accept":
		return &expr.Verdict{Kind: expr.VerdictAccept}
	case "drop":
		return &expr.Verdict{Kind: expr.VerdictDrop}
	}
	return nil
}

func ifaceExprs(key expr.MetaKey, name string) []expr.Any {
	if name == "" {
		return nil
	}
	padded := make([]byte, unix.IFNAMSIZ)
	copy(padded, name)
	return []expr.Any{
		&expr.Meta{Key: key, Register: reg},
		&expr.Cmp{Op: expr.CmpOpEq, Register: reg, Data: padded},
	}
}

func nfprotoExprs(v6 bool) []expr.Any {
	proto := byte(unix.NFPROTO_IPV4)
	if v6 {
		proto = unix.NFPROTO_IPV6
	}
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: reg},
		&expr.Cmp{Op: expr.CmpOpEq, Register: reg, Data: []byte{proto}},
	}
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

// canonical is a rule as the kernel can tell it back: without host bits.
func canonical(r plan.NftRule) plan.NftRule {
	r.Src, r.Dst = r.Src.Masked(), r.Dst.Masked()
	r.NotDst = r.NotDst && r.Dst.IsValid()
	return r
}

// decodeRule reads a rule that an op made, or nft from the text of one.
func decodeRule(r *nftables.Rule, ch plan.Chain) (plan.NftRule, bool) {
	out := plan.NftRule{Chain: ch}
	out.Comment, _ = userdata.GetString(r.UserData, userdata.TypeComment)
	d := decoder{rule: &out, rest: r.Exprs}
	for len(d.rest) > 1 {
		if !d.match() {
			return out, false
		}
	}
	return out, len(d.rest) == 1 && d.verdict()
}

// decoder reads expressions from the front.
type decoder struct {
	rule *plan.NftRule
	v6   bool
	rest []expr.Any
}

// match reads one comparison: a load, perhaps a mask, a compare.
func (d *decoder) match() bool {
	load := d.rest[0]
	var mask []byte
	d.rest = d.rest[1:]
	if m, ok := d.rest[0].(*expr.Bitwise); ok && len(d.rest) > 1 {
		mask, d.rest = m.Mask, d.rest[1:]
	}
	cmp, ok := d.rest[0].(*expr.Cmp)
	if !ok {
		return false
	}
	d.rest = d.rest[1:]
	switch l := load.(type) {
	case *expr.Meta:
		return mask == nil && cmp.Op == expr.CmpOpEq && d.meta(l.Key, cmp.Data)
	case *expr.Payload:
		return l.Base == expr.PayloadBaseNetworkHeader && d.addr(l.Offset, cmp, mask)
	}
	return false
}

func (d *decoder) meta(key expr.MetaKey, value []byte) bool {
	name := string(bytes.TrimRight(value, "\x00"))
	switch key {
	case expr.MetaKeyIIFNAME:
		d.rule.IIf = name
	case expr.MetaKeyOIFNAME:
		d.rule.OIf = name
	case expr.MetaKeyNFPROTO:
		d.v6 = len(value) == 1 && value[0] == unix.NFPROTO_IPV6
	default:
		return false
	}
	return true
}

func (d *decoder) addr(offset uint32, cmp *expr.Cmp, mask []byte) bool {
	size := 4
	if d.v6 {
		size = 16
	}
	bits := 8 * len(cmp.Data)
	if mask != nil {
		bits, _ = net.IPMask(mask).Size()
	}
	ip, ok := netip.AddrFromSlice(append(bytes.Clone(cmp.Data), make([]byte, max(0, size-len(cmp.Data)))...))
	if !ok || ip.Is6() != d.v6 {
		return false
	}
	p := netip.PrefixFrom(ip, bits)
	switch f := fieldsOf(d.v6); {
	case offset == f.src && cmp.Op == expr.CmpOpEq:
		d.rule.Src = p
	case offset == f.dst && (cmp.Op == expr.CmpOpEq || cmp.Op == expr.CmpOpNeq):
		d.rule.Dst, d.rule.NotDst = p, cmp.Op == expr.CmpOpNeq
	default:
		return false
	}
	return true
}

// verdict reads the last expression.
func (d *decoder) verdict() bool {
	switch v := d.rest[0].(type) {
	case *expr.Masq:
		if *v == (expr.Masq{}) {
			d.rule.Verdict = "masquerade"
		}
	case *expr.Verdict:
		switch v.Kind {
		case expr.VerdictAccept:
			d.rule.Verdict = "accept"
		case expr.VerdictDrop:
			d.rule.Verdict = "drop"
		}
	}
	return d.rule.Verdict != ""
}
