package rtnl

import (
	"encoding/binary"
	"iter"

	"golang.org/x/sys/unix"
)

// typeMask takes NLA_F_NESTED and NLA_F_NET_BYTEORDER off a type (<linux/netlink.h>).
const typeMask = 0x3fff

// Attributes are the attributes after the fixed part of a body, by their type
// without its flags, up to the first that is cut off (rtnetlink(3)).
func Attributes(body []byte, fixed int) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		for b := body[min(fixed, len(body)):]; len(b) >= unix.SizeofRtAttr; {
			n := int(binary.NativeEndian.Uint16(b))
			if n < unix.SizeofRtAttr || n > len(b) {
				return
			}
			if !yield(int(binary.NativeEndian.Uint16(b[2:])&typeMask), b[unix.SizeofRtAttr:n]) {
				return
			}
			b = b[min(aligned(n), len(b)):]
		}
	}
}

// Attribute is the value of the first attribute of a type, or nil.
func Attribute(body []byte, fixed, want int) []byte {
	for typ, value := range Attributes(body, fixed) {
		if typ == want {
			return value
		}
	}
	return nil
}

// WithAttribute is a copy of a body with an attribute appended.
func WithAttribute(body []byte, typ int, value []byte) []byte {
	size := unix.SizeofRtAttr + len(value)
	b := make([]byte, len(body), len(body)+aligned(size))
	copy(b, body)
	b = binary.NativeEndian.AppendUint16(b, uint16(size))
	b = binary.NativeEndian.AppendUint16(b, uint16(typ))
	return append(b, value...)[:cap(b)]
}

// aligned rounds up as messages and attributes do (NLMSG_ALIGN, RTA_ALIGN).
func aligned(size int) int { return (size + unix.NLMSG_ALIGNTO - 1) &^ (unix.NLMSG_ALIGNTO - 1) }
