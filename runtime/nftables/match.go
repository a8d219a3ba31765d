package nftables

import (
	"bytes"
	"encoding/binary"
	"net"
	"slices"

	"nsl/runtime/nfmsg"
)

// field reads what is compared.
func (r *rule) field() *field {
	first := r.next()
	switch first {
	case "meta":
		return metaField(r.next())
	case "mark", "iif", "oif", "iifname", "oifname", "pkttype", "skuid", "skgid":
		return metaField(first)
	case "ct":
		switch r.next() {
		case "state":
			return connection(ctState(), 0)
		case "mark":
			return connection(mark(), 3)
		}
	default:
		return headerField(first, r.next())
	}
	fail(ErrUnsupported)
	return nil
}

// needNetwork compares the protocol of the network if that was not done.
func (r *rule) needNetwork(family byte) {
	if r.network == 0 {
		r.exprs = r.exprs.Meta(nfmsg.MetaNFProto).Compare(nfmsg.Equal, []byte{family})
		r.network = family
	}
	need(r.network == family)
}

// needTransport compares the protocol of the transport if that was not done.
func (r *rule) needTransport(protocol byte) {
	if r.transport == 0 {
		r.exprs = r.exprs.Meta(nfmsg.MetaL4Proto).Compare(nfmsg.Equal, []byte{protocol})
		r.transport = protocol
	}
	need(r.transport == protocol)
}

// match compares a field, or sets it.
func (r *rule) match() {
	mine := r.peek() == "ct"
	f := r.field()
	if r.has("set") {
		r.setMark(f, mine)
		return
	}
	if f.network != 0 {
		r.needNetwork(f.network)
	}
	if f.transport != 0 {
		r.needTransport(f.transport)
	}
	op := r.operator()
	switch w := r.peek(); {
	case w == "vmap":
		need(op == implied)
		r.next()
		r.vmap(f)
	case w == "{":
		need(op == implied || op == nfmsg.NotEqual)
		r.anonymous(f, op)
	case len(w) > 1 && w[0] == '@':
		need(op == implied || op == nfmsg.NotEqual)
		r.named = append(r.named, lookup{name: r.next()[1:], typ: f.typ})
		r.lookup(f, w[1:], op)
	default:
		r.compare(f, op)
		return
	}
	r.last = nil
}

// setMark is meta mark set, or ct mark set.
func (r *rule) setMark(f *field, ofConnection bool) {
	need(f.typ.id == mark().id && f.base == 0)
	kind := "meta"
	if ofConnection {
		kind = "ct"
	}
	value := f.typ.read(r.token())
	r.exprs = r.exprs.Load(1, value).Add(kind, setKey(kind, 3))
	r.last = nil
}

// setKey are the attributes of a statement that sets a key from register 1.
func setKey(kind string, key uint32) nfmsg.Attrs {
	if kind == "ct" {
		return nfmsg.Attrs{}.Number(2, key).Number(4, 1)
	}
	return nfmsg.Attrs{}.Number(2, key).Number(3, 1)
}

// implied is the operator of a match without one.
const implied = 99

func (r *rule) operator() uint32 {
	ops := map[string]uint32{"==": nfmsg.Equal, "!=": nfmsg.NotEqual, "<": nfmsg.Less, "<=": nfmsg.AtMost, ">": nfmsg.More, ">=": nfmsg.AtLeast, "eq": nfmsg.Equal, "ne": nfmsg.NotEqual,
		"lt": nfmsg.Less, "le": nfmsg.AtMost, "gt": nfmsg.More, "ge": nfmsg.AtLeast}
	if op, ok := ops[r.peek()]; ok {
		r.next()
		return op
	}
	return implied
}

// compare compares a field with a value, a range or a prefix.
func (r *rule) compare(f *field, op uint32) {
	if f.typ.bits {
		r.flags(f, op)
		return
	}
	from, to, bits := f.typ.span(r.token())
	switch {
	case bits >= 0:
		need(op == implied || op == nfmsg.Equal || op == nfmsg.NotEqual)
		r.prefix(f, compareOp(op), from, bits)
	case !bytes.Equal(from, to) && op == nfmsg.NotEqual:
		r.exprs = r.load(f).Between(op, from, to)
	case !bytes.Equal(from, to):
		need(op == implied || op == nfmsg.Equal)
		r.exprs = r.load(f).Compare(nfmsg.AtLeast, from).Compare(nfmsg.AtMost, to)
	case op != implied && op != nfmsg.Equal && op != nfmsg.NotEqual:
		need(f.typ.ordered)
		r.exprs = r.load(f).Compare(op, from)
	default:
		r.equal(f, compareOp(op), from)
		return
	}
	r.last = nil
}

func compareOp(op uint32) uint32 {
	if op == implied {
		return nfmsg.Equal
	}
	return op
}

// equal compares with one value. The program joins fields of a header that follow each
// other, which is left to it.
func (r *rule) equal(f *field, op uint32, value []byte) {
	if f.typ.id == ifname().id && bytes.HasSuffix(bytes.TrimRight(value, "\x00"), []byte("*")) {
		value = bytes.TrimSuffix(bytes.TrimRight(value, "\x00"), []byte("*"))
		need(len(value) > 0)
	}
	if op == nfmsg.Equal && f.base == 2 {
		need(r.last == nil || r.last.base != f.base)
		r.last = f
	} else {
		r.last = nil
	}
	r.exprs = r.load(f).Compare(op, value)
	if f.means != nil && op == nfmsg.Equal {
		f.means(r, value)
	}
}

func (r *rule) load(f *field) nfmsg.Exprs {
	if f.base != 0 {
		return r.exprs.Payload(f.base, f.offset, f.size)
	}
	return f.load(r.exprs)
}

// prefix compares the beginning of an address: of one of whole bytes only these are loaded.
func (r *rule) prefix(f *field, op uint32, value []byte, bits int) {
	need(bits > 0)
	r.last = nil
	if bits%8 == 0 {
		n := uint32(bits / 8)
		r.exprs = r.exprs.Payload(f.base, f.offset, n).Compare(op, value[:n])
		return
	}
	r.exprs = r.load(f).Mask(net.CIDRMask(bits, 8*len(value))).Compare(op, value)
}

// flags compares bits: one or several, of which one is enough.
func (r *rule) flags(f *field, op uint32) {
	r.last = nil
	if r.has("&") {
		mask := r.flagSet(f)
		eq := r.operator()
		need(eq == nfmsg.Equal || eq == nfmsg.NotEqual)
		need(op == implied)
		r.exprs = r.load(f).Mask(mask).Compare(eq, r.flagSet(f))
		return
	}
	set := f.typ.read(r.token())
	for r.has(",") {
		set = or(set, f.typ.read(r.token()))
	}
	if op == implied {
		r.exprs = r.load(f).Mask(set).Compare(nfmsg.NotEqual, make([]byte, len(set)))
		return
	}
	need(op == nfmsg.Equal || op == nfmsg.NotEqual)
	need(!r.has("|"))
	r.exprs = r.load(f).Compare(op, set)
}

// flagSet reads A, (A|B) or A|B.
func (r *rule) flagSet(f *field) []byte {
	closes := r.has("(")
	set := f.typ.read(r.token())
	for r.has("|") {
		set = or(set, f.typ.read(r.token()))
	}
	need(!closes || r.has(")"))
	return set
}

func or(a, b []byte) []byte {
	out := slices.Clone(a)
	for i := range b {
		out[i] |= b[i]
	}
	return out
}

// udata is an entry of user data: a type, a length, a value.
func udata(typ byte, value []byte) []byte { return append([]byte{typ, byte(len(value))}, value...) }

func udata32(typ byte, n uint32) []byte { return udata(typ, binary.NativeEndian.AppendUint32(nil, n)) }
