package main

import (
	"encoding/binary"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// A batch is netlink requests for one sendmsg. Only its last one asks for an
// acknowledgement: the kernel works through a batch before sendmsg returns, and
// reports a request that failed without being asked (netlink(7)).
type batch struct {
	bytes []byte
	count uint32
	last  int // where the last request begins
}

// Netlink speaks the machine's byte order.
var order = binary.NativeEndian

func (b *batch) request(kind, flags uint16, body []byte, attrs ...attr) {
	b.count++
	b.last = len(b.bytes)
	b.bytes = append(b.bytes, make([]byte, unix.SizeofNlMsghdr)...)
	b.bytes = append(b.bytes, body...)
	for _, a := range attrs {
		b.bytes = a.appendTo(b.bytes)
	}
	head := b.bytes[b.last:]
	order.PutUint32(head[0:], uint32(len(head)))
	order.PutUint16(head[4:], kind)
	order.PutUint16(head[6:], unix.NLM_F_REQUEST|flags)
	order.PutUint32(head[8:], b.count)
}

// An attr is a netlink attribute; it holds either bytes or further attributes.
type attr struct {
	kind  uint16
	value []byte
	nest  []attr
}

func text(kind uint16, s string) attr { return attr{kind: kind, value: append([]byte(s), 0)} }

func number(kind uint16, n uint32) attr {
	return attr{kind: kind, value: order.AppendUint32(nil, n)}
}

func (a attr) appendTo(out []byte) []byte {
	start := len(out)
	out = append(out, 0, 0, 0, 0)
	out = append(out, a.value...)
	for _, inner := range a.nest {
		out = inner.appendTo(out)
	}
	order.PutUint16(out[start:], uint16(len(out)-start))
	order.PutUint16(out[start+2:], a.kind)
	for len(out)%unix.NLA_ALIGNTO != 0 {
		out = append(out, 0)
	}
	return out
}

// linkInfo is struct ifinfomsg (rtnetlink(7)).
func linkInfo(index int, flags uint32) []byte {
	out := make([]byte, unix.SizeofIfInfomsg)
	order.PutUint32(out[4:], uint32(index))
	order.PutUint32(out[8:], flags)
	order.PutUint32(out[12:], flags) // which of them to change
	return out
}

// addrInfo is struct ifaddrmsg (rtnetlink(7)) of an IPv4 address.
func addrInfo(index int, bits uint8) []byte {
	out := make([]byte, unix.SizeofIfAddrmsg)
	out[0], out[1] = unix.AF_INET, bits
	order.PutUint32(out[4:], uint32(index))
	return out
}

// A conn is a route socket of the namespace it was opened in.
type conn int

func dial() (conn, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	return conn(fd), os.NewSyscallError("socket", err)
}

// do sends a batch and waits until the kernel has done it. The error is the
// first request's that failed.
func (c conn) do(b *batch) error {
	flags := order.Uint16(b.bytes[b.last+6:])
	order.PutUint16(b.bytes[b.last+6:], flags|unix.NLM_F_ACK)
	if err := unix.Sendto(int(c), b.bytes, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return os.NewSyscallError("sendmsg", err)
	}
	var answer [8192]byte
	for {
		n, _, err := unix.Recvfrom(int(c), answer[:], 0)
		if err != nil {
			return os.NewSyscallError("recvmsg", err)
		}
		if n < unix.SizeofNlMsghdr+4 || order.Uint16(answer[4:]) != unix.NLMSG_ERROR {
			return fmt.Errorf("netlink: unexpected answer of %d bytes", n)
		}
		done := order.Uint32(answer[8:])
		if errno := -int32(order.Uint32(answer[16:])); errno != 0 {
			return fmt.Errorf("request %d of %d: %w", done, b.count, unix.Errno(errno))
		}
		if done == b.count {
			return nil
		}
	}
}
