package kernel

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/google/nftables/userdata"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// canonical is a rule as the kernel gives it back: without host bits.
func canonical(r plan.NftRule) plan.NftRule {
	r.Src, r.Dst = r.Src.Masked(), r.Dst.Masked()
	r.NotDst = r.NotDst && r.Dst.IsValid()
	r.NotIIf, r.NotOIf = r.NotIIf && r.IIf != "", r.NotOIf && r.OIf != ""
	return r
}

// decodeRule reads a rule that an op made, or nft from the text of one. One of
// another form is plan.Foreign.
func decodeRule(r *nftables.Rule, ch plan.Chain) (plan.NftRule, plan.NftCount) {
	d := decoder{rest: r.Exprs, regs: map[uint32][]byte{}}
	d.rule.Chain = ch
	d.rule.Comment = commentOf(r.UserData)
	for len(d.rest) > 1 {
		if !d.match() {
			return plan.NftRule{Chain: ch, Verdict: plan.Foreign, Comment: d.rule.Comment}, d.count
		}
	}
	if _, limited := d.rule.Family(); len(d.rest) == 0 || !d.verdict() || d.limited && !limited && !d.rule.To.IsValid() {
		return plan.NftRule{Chain: ch, Verdict: plan.Foreign, Comment: d.rule.Comment}, d.count
	}
	return d.rule, d.count
}

// commentOf is the comment in a rule's user data, "" when there is none. The kernel keeps
// the data as it came, from any program: a type, a length and a value, again and again
// (libnftnl, udata.h). What is cut off is none.
func commentOf(udata []byte) string {
	for len(udata) >= 2 {
		typ, n := userdata.Type(udata[0]), int(udata[1])
		udata = udata[2:]
		switch {
		case n > len(udata):
			return ""
		case typ == userdata.TypeComment:
			return string(bytes.TrimSuffix(udata[:n], []byte{0}))
		}
		udata = udata[n:]
	}
	return ""
}

// decoder reads expressions from the front.
type decoder struct {
	rule  plan.NftRule
	count plan.NftCount
	// v6 is the family that was asked for, if limited.
	v6, limited bool
	regs        map[uint32][]byte
	rest        []expr.Any
}

func (d *decoder) next() expr.Any {
	e := d.rest[0]
	d.rest = d.rest[1:]
	return e
}

// match reads a counter, a value for the verdict, or one comparison: a load,
// perhaps a mask, a compare.
func (d *decoder) match() bool {
	load := d.next()
	switch l := load.(type) {
	case *expr.Counter:
		d.rule.Counter, d.count = true, plan.NftCount{Packets: l.Packets, Bytes: l.Bytes}
		return true
	case *expr.Immediate:
		d.regs[l.Register] = l.Data
		return true
	}
	var mask []byte
	if m, ok := d.rest[0].(*expr.Bitwise); ok && len(d.rest) > 1 {
		mask, d.rest = m.Mask, d.rest[1:]
	}
	switch c := d.next().(type) {
	case *expr.Cmp:
		return d.compare(load, mask, c)
	case *expr.Range: // so nft writes ports since 1.1.1
		l, ok := load.(*expr.Payload)
		return ok && mask == nil && c.Op == expr.CmpOpEq && isPort(l) && d.ports(c.FromData, c.ToData)
	}
	return false
}

func (d *decoder) compare(load expr.Any, mask []byte, cmp *expr.Cmp) bool {
	switch l := load.(type) {
	case *expr.Meta:
		return mask == nil && d.meta(l.Key, cmp)
	case *expr.Fib:
		return mask == nil && cmp.Op == expr.CmpOpEq && l.ResultADDRTYPE && d.local(*l, cmp.Data)
	case *expr.Ct:
		return len(mask) == 4 && cmp.Op == expr.CmpOpNeq && d.bits(l.Key, binary.NativeEndian.Uint32(mask))
	case *expr.Numgen:
		d.rule.Turn = l.Modulus
		return mask == nil && cmp.Op == expr.CmpOpEq && l.Type == unix.NFT_NG_INCREMENTAL && l.Offset == 0 &&
			bytes.Equal(cmp.Data, make([]byte, 4))
	case *expr.Payload:
		if l.Base == expr.PayloadBaseNetworkHeader {
			return d.addr(l.Offset, cmp, mask)
		}
		return mask == nil && isPort(l) && d.port(cmp)
	}
	return false
}

func isPort(l *expr.Payload) bool {
	return l.Base == expr.PayloadBaseTransportHeader && l.Offset == portOffset
}

func (d *decoder) meta(key expr.MetaKey, cmp *expr.Cmp) bool {
	name, not := string(bytes.TrimRight(cmp.Data, "\x00")), cmp.Op == expr.CmpOpNeq
	switch key {
	case expr.MetaKeyIIFNAME:
		d.rule.IIf, d.rule.NotIIf = name, not
		return true
	case expr.MetaKeyOIFNAME:
		d.rule.OIf, d.rule.NotOIf = name, not
		return true
	case expr.MetaKeyNFPROTO:
		d.v6, d.limited = len(cmp.Data) == 1 && cmp.Data[0] == unix.NFPROTO_IPV6, true
		return !not
	case expr.MetaKeyL4PROTO:
		return !not && d.proto(cmp.Data)
	}
	return false
}

func (d *decoder) proto(number []byte) bool {
	for name, n := range l4protos {
		if bytes.Equal(number, []byte{n}) {
			d.rule.Proto = name
		}
	}
	return d.rule.Proto != ""
}

func (d *decoder) local(f expr.Fib, kind []byte) bool {
	if len(kind) != 4 || binary.NativeEndian.Uint32(kind) != unix.RTN_LOCAL {
		return false
	}
	switch {
	case f.FlagDADDR && !f.FlagSADDR:
		d.rule.ToLocal = true
	case f.FlagSADDR && !f.FlagDADDR:
		d.rule.FromLocal = true
	default:
		return false
	}
	return !f.FlagIIF && !f.FlagOIF && !f.FlagMARK
}

func (d *decoder) bits(key expr.CtKey, bits uint32) bool {
	switch key {
	case expr.CtKeySTATE:
		d.rule.State = plan.ConnState(bits)
		return bits < 1<<8
	case expr.CtKeySTATUS:
		d.rule.Translated = bits == translatedBit
		return d.rule.Translated
	}
	return false
}

// port reads one port, or the first of a range; the comparison with the last follows.
func (d *decoder) port(cmp *expr.Cmp) bool {
	last := cmp
	if cmp.Op == expr.CmpOpGte && len(d.rest) > 1 {
		end, ok := d.next().(*expr.Cmp)
		if !ok || end.Op != expr.CmpOpLte {
			return false
		}
		last = end
	} else if cmp.Op != expr.CmpOpEq {
		return false
	}
	return d.ports(cmp.Data, last.Data)
}

func (d *decoder) ports(first, last []byte) bool {
	if len(first) != portSize || len(last) != portSize {
		return false
	}
	d.rule.Ports = plan.PortRange{First: binary.BigEndian.Uint16(first), Last: binary.BigEndian.Uint16(last)}
	return d.rule.Ports.First != 0
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
	case *expr.Reject:
		if *v == *rejection(d.rule) {
			d.rule.Verdict = "reject"
		}
	case *expr.Meta:
		if data := d.regs[v.Register]; v.SourceRegister && v.Key == expr.MetaKeyMARK && len(data) == 4 {
			d.rule.Verdict, d.rule.Mark = "mark", binary.NativeEndian.Uint32(data)
		}
	case *expr.Redir:
		if port := d.regs[v.RegisterProtoMin]; len(port) >= portSize && (v.RegisterProtoMax == 0 || v.RegisterProtoMax == v.RegisterProtoMin) {
			d.rule.Verdict, d.rule.To = "redirect", netip.AddrPortFrom(netip.Addr{}, binary.BigEndian.Uint16(port))
		}
	case *expr.NAT:
		return d.nat(v)
	}
	return d.rule.Verdict != ""
}

func (d *decoder) nat(v *expr.NAT) bool {
	addr, ok := netip.AddrFromSlice(d.regs[v.RegAddrMin])
	if !ok || addr.Is6() != (v.Family == unix.NFPROTO_IPV6) {
		return false
	}
	var number uint16
	if v.RegProtoMin != 0 {
		port := d.regs[v.RegProtoMin]
		if len(port) < portSize {
			return false
		}
		number = binary.BigEndian.Uint16(port)
	}
	for verdict, typ := range natTypes() {
		if v.Type == typ {
			d.rule.Verdict, d.rule.To = verdict, netip.AddrPortFrom(addr, number)
		}
	}
	return true
}
