package nftables

import (
	"bytes"
	"encoding/binary"
	"slices"

	"nsl/runtime/nfmsg"
)

// Flags of sets and of elements (<linux/netfilter/nf_tables.h>).
const (
	setAnonymous, setConstant, setInterval, setMap = 1, 2, 4, 8
	intervalEnd                                    = 1
)

// verdictType is the type of the values of a map of verdicts (NFT_DATA_VERDICT).
const verdictType = 0xffffff00

// set is a set or a map.
type set struct {
	name  string
	flags uint32
	key   *datatype
	// value is the type of a map's values; a map without one has verdicts.
	value *datatype
	// typeof describes the key, if it is known.
	typeof []byte
	// order is that of the bytes of the key: that of the machine, or of the network.
	order    uint32
	elements []element
	// jumps are the chains that its verdicts lead to.
	jumps []string
}

// element is one of a set; from and to are equal where it is no interval.
type element struct {
	from, to []byte
	// data are the attributes of a map's value.
	data nfmsg.Attrs
}

// set reads what a set or a map is.
func (c Command) set() *set {
	r := (&reader{slices.Clone(c.spec)}).block()
	s := &set{name: c.name}
	if c.object == "map" {
		s.flags = setMap
	}
	for !r.ends() {
		switch line := r.line(); line.next() {
		case "type":
			s.types(line)
		case "flags":
			line.want("interval")
			need(line.empty())
			s.flags |= setInterval
		case "elements":
			line.want("=")
			s.read(line.block())
			need(line.empty())
		default:
			fail(ErrUnsupported)
		}
	}
	need(s.key != nil)
	s.order = s.key.order()
	return s
}

func (s *set) types(r *reader) {
	need(s.key == nil)
	s.key = named(r.next())
	need(s.key != nil)
	if s.flags&setMap != 0 {
		r.want(":")
		if !r.has("verdict") {
			s.value = named(r.next())
			need(s.value != nil && s.value.id != ifname().id)
		}
	}
	need(r.empty())
}

// read reads elements.
func (s *set) read(r *reader) {
	need(s.key != nil)
	for !r.empty() {
		if r.has(";") {
			continue
		}
		from, to, _ := s.key.span(r.token())
		e := element{from: from, to: to}
		need(bytes.Equal(from, to) || s.flags&setInterval != 0 || s.flags&setAnonymous != 0)
		if s.flags&setMap != 0 {
			for r.has(";") {
			}
			r.want(":")
			e.data = s.data(r)
		}
		s.elements = append(s.elements, e)
		for r.has(";") {
		}
		need(r.empty() || r.has(","))
	}
	s.sort()
}

// data reads the value of a map.
func (s *set) data(r *reader) nfmsg.Attrs {
	if s.value != nil {
		return nfmsg.Attrs{}.Put(nfmsg.DataValue, s.value.read(r.token()))
	}
	in := &rule{reader: r}
	code, chain := in.verdict()
	s.jumps = append(s.jumps, in.jumps...)
	return nfmsg.Verdict(code, chain)
}

// sort orders the elements; those that overlap or are twice, and intervals that touch, which
// the program joins or refuses, are left to it.
func (s *set) sort() {
	slices.SortFunc(s.elements, func(a, b element) int { return bytes.Compare(a.from, b.from) })
	interval := s.flags&setInterval != 0 || slices.ContainsFunc(s.elements, func(e element) bool { return !bytes.Equal(e.from, e.to) })
	if interval && s.flags&setAnonymous != 0 {
		s.flags |= setInterval
	}
	for i := 1; i < len(s.elements); i++ {
		before, e := s.elements[i-1], s.elements[i]
		need(bytes.Compare(before.to, e.from) < 0)
		need(!interval || !bytes.Equal(after(before.to), e.from))
	}
}

// after is the value that follows, nil for the last.
func after(v []byte) []byte {
	next := bytes.Clone(v)
	for i := range slices.Backward(next) {
		if next[i]++; next[i] != 0 {
			return next
		}
	}
	return nil
}

// list are the elements as the kernel has them: the end of an interval is one, too.
func (s *set) list() (out nfmsg.Attrs, n uint32) {
	add := func(key []byte, data nfmsg.Attrs, flags uint32) {
		e := nfmsg.Attrs{}.Put(1, nfmsg.Attrs{}.Put(nfmsg.DataValue, key))
		if data != nil {
			e = e.Put(2, data)
		}
		if flags != 0 {
			e = e.Number(3, flags)
		}
		out = out.Put(nfmsg.ListElement, e)
		n++
	}
	if s.flags&setInterval == 0 {
		for _, e := range s.elements {
			add(e.from, e.data, 0)
		}
		return out, n
	}
	zero := make([]byte, s.key.size)
	if len(s.elements) > 0 && !bytes.Equal(s.elements[0].from, zero) {
		add(zero, nil, intervalEnd)
	}
	for _, e := range s.elements {
		add(e.from, e.data, 0)
		if end := after(e.to); end != nil {
			add(end, nil, intervalEnd)
		}
	}
	return out, n
}

// message describes the set as the kernel does, without its elements.
func (s *set) message(head nfmsg.Attrs, table string) nfmsg.Attrs {
	m := head.Text(1, table).Text(2, s.name)
	if s.flags != 0 {
		m = m.Number(3, s.flags)
	}
	m = m.Number(4, s.key.id).Number(5, s.key.size)
	switch {
	case s.flags&setMap == 0:
	case s.value == nil:
		m = m.Number(6, verdictType).Number(7, 16)
	default:
		m = m.Number(6, s.value.id).Number(7, s.value.size)
	}
	m = m.Put(13, s.userData())
	desc := nfmsg.Attrs{}
	if s.flags&setAnonymous != 0 {
		_, n := s.list()
		desc = desc.Number(1, n)
	}
	return m.Put(9, desc)
}

// userData says how the program prints the set (libnftnl/udata.h).
func (s *set) userData() []byte {
	b := udata32(0, s.order)
	if s.flags&setMap != 0 {
		b = append(b, udata32(1, s.value.order())...)
	}
	if s.flags&setAnonymous != 0 && s.flags&setInterval != 0 && s.flags&setMap == 0 {
		b = append(b, udata32(2, 1)...)
	}
	if s.flags&setAnonymous != 0 && s.typeof != nil {
		b = append(b, s.typeof...)
	}
	if s.flags&setAnonymous != 0 && s.flags&setMap != 0 && s.value == nil {
		b = append(b, udata(4, slices.Concat(udata32(0, 1), udata(1, nil)))...)
	}
	if s.flags&setMap != 0 {
		b = append(b, udata32(6, 0)...)
	}
	return b
}

// The orders of bytes (enum byteorder of nft).
const hostOrder, networkOrder = 1, 2

// order is the order of a value's bytes: that of the machine, or of the network.
func (d *datatype) order() uint32 {
	switch {
	case d == nil:
		return 0
	case d.native:
		return hostOrder
	}
	return networkOrder
}

// setOf is the set that a message describes; nil for what is not known here.
func setOf(body []byte) *set {
	attr := func(typ int) uint32 {
		v := nfmsg.Get(body[nfmsg.BodyAt:], typ)
		if len(v) != 4 {
			return 0
		}
		return binary.BigEndian.Uint32(v)
	}
	s := &set{name: nfmsg.CString(nfmsg.Get(body[nfmsg.BodyAt:], 2)), flags: attr(3)}
	for _, name := range []string{"ipv4_addr", "ipv6_addr", "inet_service", "inet_proto", "ifname", "mark"} {
		if d := named(name); d.id == attr(4) {
			s.key = d
		}
		if d := named(name); d.id == attr(6) {
			s.value = d
		}
	}
	if s.key == nil || s.flags&^(setInterval|setMap) != 0 || s.flags&setMap != 0 && s.value == nil && attr(6) != verdictType {
		return nil
	}
	return s
}
