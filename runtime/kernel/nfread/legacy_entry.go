package nfread

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// layout is where things are in struct ipt_entry or ip6t_entry (<linux/netfilter_ipv4/
// ip_tables.h>, <linux/netfilter_ipv6/ip6_tables.h>).
type layout struct {
	// addr is the size of an address; src and dst are where they are in the packet.
	addr, src, dst int
	// The offsets: of interface names, after four addresses and masks; of the protocol,
	// the flags and the inverting flags; of the target's offset; and of the matches.
	devices, proto, flags, inverts, target, matches int
	// goTo is the flag of a rule that does not return.
	goTo byte
}

func layout4() layout {
	return layout{addr: 4, src: 12, dst: 16, devices: 16, proto: 80, flags: 82, inverts: 83, target: 88, matches: 112, goTo: 2}
}

func layout6() layout {
	return layout{addr: 16, src: 8, dst: 24, devices: 64, proto: 128, flags: 131, inverts: 132, target: 140, matches: 168, goTo: 4}
}

// xtHeader is struct xt_entry_match, and xt_entry_target: a size, a name, a revision.
const xtHeader, xtName = 32, 2

// xtOf reads such a header.
func xtOf(d []byte) (name string, revision int) {
	return unix.ByteSliceToString(d[xtName : xtHeader-1]), int(d[xtHeader-1])
}

// entries reads the table's entries.
func (b *blob) entries() (list []xtEntry) {
	native := binary.NativeEndian
	for at := 0; at+b.matches <= len(b.data); {
		d := b.data[at:]
		target, next := int(native.Uint16(d[b.target:])), int(native.Uint16(d[b.target+2:]))
		if target < b.matches || next < target+xtHeader || next > len(d) {
			return list
		}
		e := xtEntry{offset: at, match: append(b.conditions(d), b.extensions(d[b.matches:target])...), goes: d[b.flags]&b.goTo != 0}
		e.target, e.revision = xtOf(d[target:])
		e.targetData = d[target+xtHeader : next]
		if e.target == "" && len(e.targetData) >= 4 {
			e.verdict = int(int32(native.Uint32(e.targetData)))
		}
		list = append(list, e)
		at += next
	}
	return list
}

// extensions are the matches of a rule, one after the other.
func (b *blob) extensions(d []byte) (list []plan.FilterExpr) {
	for len(d) >= xtHeader {
		size := int(binary.NativeEndian.Uint16(d))
		if size < xtHeader || size > len(d) {
			return list
		}
		name, revision := xtOf(d)
		list = append(list, plan.XtMatch{Name: name, Revision: revision, Data: d[xtHeader:size]})
		d = d[size:]
	}
	return list
}

// The bits that invert a condition (IPT_INV_*).
const (
	invertIn    = 0x01
	invertOut   = 0x02
	invertSrc   = 0x08
	invertDst   = 0x10
	invertProto = 0x40
)

// scratch is the register that conditions use.
const scratch = 16

// conditions are those of struct ipt_ip: addresses, interfaces and the protocol.
func (b *blob) conditions(d []byte) (list []plan.FilterExpr) {
	inverts := d[b.inverts]
	op := func(bit byte) string {
		if inverts&bit != 0 {
			return "!="
		}
		return ""
	}
	part := func(i, size int) []byte { return d[i : i+size] }
	list = append(list, b.address(b.src, part(0, b.addr), part(2*b.addr, b.addr), op(invertSrc))...)
	list = append(list, b.address(b.dst, part(b.addr, b.addr), part(3*b.addr, b.addr), op(invertDst))...)
	const name = unix.IFNAMSIZ
	list = append(list, device("iifname", part(b.devices, name), part(b.devices+2*name, name), op(invertIn))...)
	list = append(list, device("oifname", part(b.devices+name, name), part(b.devices+3*name, name), op(invertOut))...)
	if proto := binary.NativeEndian.Uint16(d[b.proto:]); proto != 0 {
		list = append(list, plan.MetaKey{Key: "l4proto", Dst: scratch}, plan.Compare{Op: op(invertProto), Src: scratch, Data: []byte{byte(proto)}})
	}
	return list
}

func (b *blob) address(at int, addr, mask []byte, op string) []plan.FilterExpr {
	if allZero(mask) {
		return nil
	}
	return []plan.FilterExpr{plan.Payload{Base: "network", Offset: at, Len: b.addr, Dst: scratch},
		plan.Bitwise{Src: scratch, Dst: scratch, Mask: mask, Xor: make([]byte, b.addr)},
		plan.Compare{Op: op, Src: scratch, Data: addr}}
}

// device compares as much of an interface's name as the mask says: all of it with the
// zero at its end, or the beginning of one with +.
func device(key string, name, mask []byte, op string) []plan.FilterExpr {
	n := 0
	for n < len(mask) && mask[n] != 0 {
		n++
	}
	if n == 0 {
		return nil
	}
	return []plan.FilterExpr{plan.MetaKey{Key: key, Dst: scratch}, plan.Compare{Op: op, Src: scratch, Data: name[:n]}}
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
