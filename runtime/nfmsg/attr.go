package nfmsg

import "encoding/binary"

// Attrs are attributes of netlink, one after the other (netlink(7)).
type Attrs []byte

// headSize is the size of a length and a type.
const headSize = 4

// Put adds an attribute.
func (a Attrs) Put(typ int, value []byte) Attrs {
	a = binary.NativeEndian.AppendUint16(a, uint16(headSize+len(value)))
	a = binary.NativeEndian.AppendUint16(a, uint16(typ))
	a = append(a, value...)
	for len(a)%4 != 0 {
		a = append(a, 0)
	}
	return a
}

// Number adds a number of four bytes.
func (a Attrs) Number(typ int, n uint32) Attrs {
	return a.Put(typ, binary.BigEndian.AppendUint32(nil, n))
}

// Long adds a number of eight bytes.
func (a Attrs) Long(typ int, n uint64) Attrs {
	return a.Put(typ, binary.BigEndian.AppendUint64(nil, n))
}

// Text adds a text with its closing NUL.
func (a Attrs) Text(typ int, s string) Attrs { return a.Put(typ, append([]byte(s), 0)) }

// Value adds an attribute that a value is wrapped in (NFTA_DATA_VALUE).
func (a Attrs) Value(typ int, v []byte) Attrs { return a.Put(typ, Attrs(nil).Put(DataValue, v)) }

// Each calls f with the attributes of a text; f may change the values in place.
func Each(b []byte, f func(typ int, value []byte)) {
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

// Get is the value of the first attribute of a type, or nil.
func Get(b []byte, want int) (found []byte) {
	Each(b, func(typ int, value []byte) {
		if typ == want && found == nil {
			found = value
		}
	})
	return found
}

// CString is a text up to its closing NUL.
func CString(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
