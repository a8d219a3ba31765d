package kernel

import (
	"sync"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// conn is a route netlink socket (rtnetlink(7)) of one namespace. Several
// goroutines may use it; each exchange has it for itself.
//
// The messages are built by package nl. Its way of exchanging them is not used:
// it asks for the socket's address, sets a deadline and allocates 64 KiB for
// every answer, which is more than half of the time that a small request takes.
type conn struct {
	mu  sync.Mutex
	fd  int
	seq uint32
}

// data is a part of a netlink message: a header or an attribute.
type data = nl.NetlinkRequestData

// dial opens a socket in the namespace of the calling thread.
func dial() (*conn, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	// Both are conveniences of newer kernels (4.12 and 4.20): error texts, and
	// dumps filtered by the kernel. Without them the answers are the same.
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1)
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_GET_STRICT_CHK, 1)
	return &conn{fd: fd}, nil
}

func (c *conn) close() { _ = unix.Close(c.fd) }

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

// dump asks for all things of a kind. A dump that a change interrupted is
// asked for again.
func (c *conn) dump(typ, answer int, parts ...data) ([][]byte, error) {
	return c.execute(typ, unix.NLM_F_DUMP, answer, parts)
}

// typeMask takes NLA_F_NESTED and NLA_F_NET_BYTEORDER off a type (<linux/netlink.h>).
const typeMask = 0x3fff

// attr is an attribute with a value.
func attr(typ int, value []byte) *nl.RtAttr { return nl.NewRtAttr(typ, value) }

// attr32 is an attribute with a number.
func attr32(typ int, value uint32) *nl.RtAttr { return nl.NewRtAttr(typ, nl.Uint32Attr(value)) }

// attrIfName is IFLA_IFNAME, and FRA_IIFNAME of a rule, which has the same number
// (<linux/if_link.h>, <linux/fib_rules.h>).
func attrIfName(name string) *nl.RtAttr {
	return nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(name))
}

// attrs are the attributes behind a message's header. The nested flag is
// taken off their types.
func attrs(msg []byte, header int) (map[uint16][]byte, error) {
	if len(msg) < header {
		return nil, unix.EBADMSG
	}
	list, err := nl.ParseRouteAttr(msg[header:])
	if err != nil {
		return nil, err
	}
	m := make(map[uint16][]byte, len(list))
	for _, a := range list {
		m[a.Attr.Type&typeMask] = a.Value
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
