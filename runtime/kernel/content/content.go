// Package content reads what a network namespace holds as the kernel itself describes it,
// and writes single things back: what a program changed is found by comparing two
// readings, whatever the program was.
package content

import (
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// Read is what the namespace of the calling thread holds: interfaces with their options,
// addresses, routes, rules, permanent neighbours and forwarding entries, queueing
// disciplines, tables of nftables, and settings of the whole namespace. What the kernel
// makes and forgets by itself is not in it.
func Read(d rtnl.Dialer) ([]plan.Item, error) {
	c, err := d.Dial()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	r := &reader{dialer: d, conn: c, names: map[uint32]string{}, macs: map[string]bool{}}
	for _, read := range []func() error{r.links, r.messages, r.traffic, r.tables, r.settings} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return r.items, nil
}

// Tables are the tables of nftables of the namespace of the calling thread.
func Tables(d rtnl.Dialer) ([]plan.Item, error) {
	r := &reader{dialer: d}
	err := r.tables()
	return r.items, err
}

// Write makes a thing of the namespace of the calling thread what it is to be. What is
// gone already need not be deleted, and what is there already need not be made.
func Write(d rtnl.Dialer, was, is plan.Item) error {
	switch kind := was.Kind + is.Kind; {
	case kind == plan.SettingItem, was.Kind == plan.SettingItem:
		return writeSetting(is)
	case was.Kind == plan.TableItem || is.Kind == plan.TableItem:
		return writeTable(d, was, is)
	}
	c, err := d.Dial()
	if err != nil {
		return err
	}
	defer c.Close()
	if was.Kind == plan.LinkItem || is.Kind == plan.LinkItem {
		return writeLink(c, was, is)
	}
	return writeMessage(c, was, is)
}

// reader reads one namespace.
type reader struct {
	dialer rtnl.Dialer
	conn   *rtnl.Conn
	// names are the interfaces by their numbers, and macs their hardware addresses.
	names map[uint32]string
	macs  map[string]bool
	items []plan.Item
}

// dump asks for all things of a kind. What this kernel does not have is nothing.
func dump(c *rtnl.Conn, kind, answer int, body []byte) ([][]byte, error) {
	msgs, err := c.Request(kind, unix.NLM_F_DUMP, answer, body)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EAFNOSUPPORT) {
		return nil, nil
	}
	return msgs, err
}

// tolerant is nil for the errors of making what is there and of deleting what is gone.
func tolerant(err error, deletes bool) error {
	errnos := []error{unix.EEXIST}
	if deletes {
		errnos = []error{unix.ENOENT, unix.ESRCH, unix.ENODEV, unix.EADDRNOTAVAIL, unix.ENXIO}
	}
	for _, e := range errnos {
		if errors.Is(err, e) {
			return nil
		}
	}
	return err
}

// attribute is one of a message, its type with the flags that it has.
type attribute struct {
	typ   uint16
	value []byte
}

func (a attribute) kind() int { return int(a.typ & 0x3fff) } // NLA_TYPE_MASK

// attributes are those of a text, with the flags of their types, which rtnl leaves out:
// what is sent back has to have them.
func attributes(b []byte) (list []attribute) {
	for len(b) >= unix.SizeofRtAttr {
		n := int(binary.NativeEndian.Uint16(b))
		if n < unix.SizeofRtAttr || n > len(b) {
			break
		}
		list = append(list, attribute{binary.NativeEndian.Uint16(b[2:]), b[unix.SizeofRtAttr:n]})
		b = b[min((n+3)&^3, len(b)):]
	}
	return list
}

// without is a message without some of its attributes.
func without(b []byte, fixed int, drop ...int) []byte {
	return rewrite(b, fixed, func(a attribute) (attribute, bool) {
		for _, d := range drop {
			if a.kind() == d {
				return a, false
			}
		}
		return a, true
	})
}

// rewrite is a copy of a message in which each attribute is what edit makes of it, if it
// keeps it.
func rewrite(b []byte, fixed int, edit func(attribute) (attribute, bool)) []byte {
	fixed = min(fixed, len(b))
	out := append([]byte(nil), b[:fixed]...)
	for _, a := range attributes(b[fixed:]) {
		if a, keep := edit(a); keep {
			out = rtnl.WithAttribute(out, int(a.typ), a.value)
		}
	}
	return out
}

// number32 is the value of an attribute in the machine's order, 0 where it is missing.
func number32(b []byte, fixed, typ int) uint32 {
	if v := rtnl.Attribute(b, fixed, typ); len(v) >= 4 {
		return binary.NativeEndian.Uint32(v)
	}
	return 0
}
