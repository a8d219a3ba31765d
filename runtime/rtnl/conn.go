// Package rtnl exchanges messages with the kernel about interfaces, addresses,
// routes and neighbours (rtnetlink(7)). It knows how messages are framed, not what
// they mean.
package rtnl

import (
	"encoding/binary"
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// Conn is a route netlink socket of one network namespace. One goroutine at a
// time may use it.
//
// The exchange of package nl is not used: it asks for the socket's address, sets
// a deadline and allocates 64 KiB for every answer, which is more than half of
// the time that a small request takes.
type Conn struct {
	fd       int
	seq      uint32
	protocol int
	faults   Faults
}

// replyWithin is how long an answer may take. The kernel has it ready when the request
// was sent, so this is for what must not happen.
const replyWithin = 10 * time.Second

// Dialer opens sockets. The zero value opens those of every run.
type Dialer struct {
	// Faults let requests fail, for tests.
	Faults Faults
}

// Dial opens a socket in the namespace of the calling thread. The caller closes it.
func (d Dialer) Dial() (*Conn, error) { return d.DialProtocol(unix.NETLINK_ROUTE) }

// DialProtocol is Dial for another protocol of netlink(7), which frames its messages
// alike.
func (d Dialer) DialProtocol(protocol int) (*Conn, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return nil, err
	}
	// Both are conveniences of newer kernels (4.12 and 4.20): error texts, and
	// dumps filtered by the kernel. Without them the answers are the same.
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1)
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_GET_STRICT_CHK, 1)
	wait := unix.NsecToTimeval(replyWithin.Nanoseconds())
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return &Conn{fd: fd, protocol: protocol, faults: d.Faults}, nil
}

// Close gives the socket back.
func (c *Conn) Close() error { return unix.Close(c.fd) }

// Send sends messages that were made by Order, and waits for no answer. What the
// kernel refuses of them is lost.
func (c *Conn) Send(orders []byte) error {
	return unix.Sendto(c.fd, orders, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
}

// Order is a message for Send; several may follow one another.
func Order(kind, flags int, body []byte) []byte { return frame(kind, flags, 0, body) }

// frame puts the header before a body (struct nlmsghdr, netlink(7)).
func frame(kind, flags int, seq uint32, body []byte) []byte {
	put := binary.NativeEndian
	b := make([]byte, 0, unix.SizeofNlMsghdr+aligned(len(body)))
	b = put.AppendUint32(b, uint32(unix.SizeofNlMsghdr+len(body)))
	b = put.AppendUint16(b, uint16(kind))
	b = put.AppendUint16(b, unix.NLM_F_REQUEST|uint16(flags))
	b = put.AppendUint32(b, seq)
	b = put.AppendUint32(b, 0)
	b = append(b, body...)
	return b[:cap(b)]
}
