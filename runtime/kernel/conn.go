package kernel

import (
	"errors"
	"fmt"
	"sync"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// conn is a route netlink socket of one namespace. Several goroutines may use it;
// each exchange has it for itself. What the messages hold is built by package nl.
type conn struct {
	mu sync.Mutex
	*rtnl.Conn
}

// data is a part of a netlink message: a header or an attribute.
type data = nl.NetlinkRequestData

// dial opens a socket in the namespace of the calling thread.
func dial(d rtnl.Dialer) (*conn, error) {
	c, err := d.Dial()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}

// execute sends a request and gives the bodies of the answers that have that
// type.
func (c *conn) execute(typ, flags, answer int, parts []data) ([][]byte, error) {
	var body []byte
	for _, p := range parts {
		body = append(body, p.Serialize()...)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	bodies, err := c.Request(typ, flags, answer, body)
	if lost := (*rtnl.Lost)(nil); errors.As(err, &lost) {
		err = fmt.Errorf("%w: %w", plan.ErrLost, err)
	}
	return bodies, err
}

// change sends a message that changes something, and waits for the answer.
func (c *conn) change(typ, flags int, parts ...data) error {
	_, err := c.execute(typ, flags|unix.NLM_F_ACK, 0, parts)
	return err
}

// create is change for a thing that must not be there yet.
func (c *conn) create(typ int, parts ...data) error {
	return c.change(typ, unix.NLM_F_CREATE|unix.NLM_F_EXCL, parts...)
}

// get asks for one thing.
func (c *conn) get(typ, answer int, parts ...data) ([]byte, error) {
	msgs, err := c.execute(typ, 0, answer, parts)
	if err != nil {
		return nil, err
	}
	if len(msgs) == 0 {
		return nil, unix.ENODATA
	}
	return msgs[0], nil
}

// dump asks for all things of a kind.
func (c *conn) dump(typ, answer int, parts ...data) ([][]byte, error) {
	return c.execute(typ, unix.NLM_F_DUMP, answer, parts)
}

// routeHeader is the header of a question about routes or rules of a family.
func routeHeader(family uint8) data {
	m := &nl.RtMsg{}
	m.Family = family
	return m
}

// dumpBoth dumps what IPv4 has and what IPv6 has, as parse reads it; ok is false
// for what is left out.
func dumpBoth[T any](h *handle, typ, answer int, header func(family uint8) data, parse func(msg []byte) (v T, ok bool, err error)) ([]T, error) {
	var all []T
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		msgs, err := h.route.dump(typ, answer, header(family))
		if err != nil {
			return nil, err
		}
		for _, msg := range msgs {
			v, ok, err := parse(msg)
			if err != nil {
				return nil, err
			}
			if ok {
				all = append(all, v)
			}
		}
	}
	return all, nil
}

// attr is an attribute with a value.
func attr(typ int, value []byte) *nl.RtAttr { return nl.NewRtAttr(typ, value) }

// attr32 is an attribute with a number.
func attr32(typ int, value uint32) *nl.RtAttr { return nl.NewRtAttr(typ, nl.Uint32Attr(value)) }

// attrIfName is IFLA_IFNAME, and FRA_IIFNAME of a rule, which has the same number
// (<linux/if_link.h>, <linux/fib_rules.h>).
func attrIfName(name string) *nl.RtAttr {
	return nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(name))
}

// attrs are the attributes after a message's header, by their type.
func attrs(msg []byte, header int) (map[uint16][]byte, error) {
	if len(msg) < header {
		return nil, unix.EBADMSG
	}
	m := map[uint16][]byte{}
	for typ, value := range rtnl.Attributes(msg, header) {
		m[uint16(typ)] = value
	}
	return m, nil
}

// number is the value of a 32-bit attribute, 0 when it is not there.
func number(b []byte) int {
	if len(b) < 4 {
		return 0
	}
	return int(nl.NativeEndian().Uint32(b))
}

// str is the value of a string attribute.
func str(b []byte) string { return unix.ByteSliceToString(b) }
