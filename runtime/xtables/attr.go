package xtables

import "encoding/binary"

// attrs are attributes of netlink, one after the other (netlink(7)).
type attrs []byte

// headSize is the size of a length and a type.
const headSize = 4

func (a attrs) put(typ int, value []byte) attrs {
	a = binary.NativeEndian.AppendUint16(a, uint16(headSize+len(value)))
	a = binary.NativeEndian.AppendUint16(a, uint16(typ))
	a = append(a, value...)
	for len(a)%4 != 0 {
		a = append(a, 0)
	}
	return a
}

func (a attrs) number(typ int, n uint32) attrs {
	return a.put(typ, binary.BigEndian.AppendUint32(nil, n))
}

func (a attrs) long(typ int, n uint64) attrs {
	return a.put(typ, binary.BigEndian.AppendUint64(nil, n))
}

func (a attrs) text(typ int, s string) attrs { return a.put(typ, append([]byte(s), 0)) }

// value is an attribute that a value is wrapped in (NFTA_DATA_VALUE).
func (a attrs) value(typ int, v []byte) attrs { return a.put(typ, attrs(nil).put(dataValue, v)) }

// each calls f with the attributes of a text; f may change the values in place.
func each(b []byte, f func(typ int, value []byte)) {
	for len(b) >= headSize {
		n := int(binary.NativeEndian.Uint16(b))
		if n < headSize || n > len(b) {
			return
		}
		f(int(binary.NativeEndian.Uint16(b[2:])&typeMask), b[headSize:n])
		b = b[min((n+3)&^3, len(b)):]
	}
}

// typeMask leaves out the flags of a type (NLA_TYPE_MASK).
const typeMask = 0x3fff

// get is the value of the first attribute of a type, or nil.
func get(b []byte, want int) (found []byte) {
	each(b, func(typ int, value []byte) {
		if typ == want && found == nil {
			found = value
		}
	})
	return found
}

// cstring is a text up to its closing NUL.
func cstring(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
