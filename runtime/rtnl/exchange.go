package rtnl

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	// answerSize holds an answer about one thing.
	answerSize = 8 << 10
	// dumpSize holds every part of a dump: the kernel makes none longer than this
	// (netlink_dump, net/netlink/af_netlink.c).
	dumpSize = 32 << 10
)

// Exchange sends a request and gives the bodies of those messages of the answer
// that are of the type answer. Flags beside NLM_F_REQUEST are NLM_F_DUMP for all
// things of a kind, and NLM_F_ACK for a change, which has no other answer but, with
// NLM_F_ECHO, what was changed, if the kernel knows how to say it.
//
// The error is the kernel's unix.Errno, with its own words where it gave some, or a
// *Lost if it is not known whether the kernel did what it was asked for. whole is false when a change came between two parts of a dump, which may then
// lack something or have it twice.
func (c *Conn) Exchange(kind, flags, answer int, body []byte) (bodies [][]byte, whole bool, err error) {
	x := exchange{Conn: c, answer: uint16(answer), acked: flags&unix.NLM_F_ACK != 0, fault: c.fault(kind, flags)}
	if err := x.fault.Refused; err != 0 {
		return nil, false, err
	}
	c.seq++
	if err := c.Send(frame(kind, flags, c.seq, body)); err != nil {
		return nil, false, err
	}
	if flags&unix.NLM_F_DUMP != 0 {
		err = x.parts()
	} else {
		// On the stack, as a lab asks thousands of times.
		err = x.collect(make([]byte, answerSize))
	}
	return x.bodies, !x.interrupted, err
}

// exchange is what the kernel answers to one request.
type exchange struct {
	*Conn
	answer      uint16
	bodies      [][]byte
	interrupted bool // NLM_F_DUMP_INTR
	acked       bool // NLM_F_ACK: that is the last of the answer
	fault       Fault
}

// parts reads the answer to a dump. Its buffer is not to be on the stack of all
// that ask for less.
//
//go:noinline
func (x *exchange) parts() error { return x.collect(make([]byte, dumpSize)) }

// collect reads the answer's datagrams, each into buf.
func (x *exchange) collect(buf []byte) error {
	for {
		n, err := x.receive(buf)
		if err != nil {
			return &Lost{err}
		}
		n = x.fault.damage(buf, n)
		for rest := buf[:n]; len(rest) > 0; {
			var m syscall.NetlinkMessage
			if m, rest, err = message(rest); err != nil {
				return &Lost{err}
			}
			if done, err := x.take(m); done || err != nil {
				return err
			}
		}
	}
}

// message is the first one in b, and what follows it; unlike
// syscall.ParseNetlinkMessage it lets b stay on the stack.
func message(b []byte) (m syscall.NetlinkMessage, rest []byte, err error) {
	if len(b) < unix.SizeofNlMsghdr {
		return m, nil, unix.EBADMSG
	}
	native := binary.NativeEndian
	m.Header = syscall.NlMsghdr{Len: native.Uint32(b), Type: native.Uint16(b[4:]), Flags: native.Uint16(b[6:]),
		Seq: native.Uint32(b[8:]), Pid: native.Uint32(b[12:])}
	size := int(m.Header.Len)
	if size < unix.SizeofNlMsghdr || size > len(b) {
		return m, nil, unix.EBADMSG
	}
	m.Data = b[unix.SizeofNlMsghdr:size]
	return m, b[min(aligned(size), len(b)):], nil
}

// receive reads one datagram of the kernel's.
func (x *exchange) receive(buf []byte) (int, error) {
	for {
		n, from, err := unix.Recvfrom(x.fd, buf, unix.MSG_TRUNC)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return 0, err
		}
		if n > len(buf) {
			return 0, fmt.Errorf("an answer of %d bytes: %w", n, unix.EMSGSIZE)
		}
		if a, ok := from.(*unix.SockaddrNetlink); ok && a.Pid == 0 {
			return n, x.fault.lost()
		}
	}
}

// take takes one message of the answer, and reports whether it was the last one.
func (x *exchange) take(m syscall.NetlinkMessage) (done bool, err error) {
	if m.Header.Seq != x.seq {
		return false, nil // the rest of a dump that was given up
	}
	x.interrupted = x.interrupted || m.Header.Flags&unix.NLM_F_DUMP_INTR != 0
	switch m.Header.Type {
	case unix.NLMSG_ERROR, unix.NLMSG_DONE:
		if code(m.Data) == 0 {
			return true, nil
		}
		// A copy, so that the buffer does not outlive the exchange.
		return true, refused(syscall.NetlinkMessage{Header: m.Header, Data: bytes.Clone(m.Data)})
	case x.answer:
		x.bodies = append(x.bodies, append([]byte(nil), m.Data...))
	}
	return m.Header.Flags&unix.NLM_F_MULTI == 0 && !x.acked, nil
}

// refused is the error of a message that ends an answer: a number, the request
// (its header only when the kernel capped it), and attributes, one of which is
// a text (struct nlmsgerr and NLMSGERR_ATTR_*, <linux/netlink.h>).
func refused(m syscall.NetlinkMessage) error {
	err := error(unix.Errno(-code(m.Data)))
	if m.Header.Flags&unix.NLM_F_ACK_TLVS == 0 {
		return err
	}
	skip := 4
	if m.Header.Type == unix.NLMSG_ERROR {
		skip += echoed(m)
	}
	if text := Attribute(m.Data, skip, unix.NLMSGERR_ATTR_MSG); text != nil {
		err = fmt.Errorf("%w: %s", err, unix.ByteSliceToString(text))
	}
	return err
}

// code is the number that an error and the end of a dump begin with.
func code(body []byte) int32 {
	if len(body) < 4 {
		return 0
	}
	return int32(binary.NativeEndian.Uint32(body))
}

// echoed is how long the copy of the request is in an error.
func echoed(m syscall.NetlinkMessage) int {
	if m.Header.Flags&unix.NLM_F_CAPPED != 0 || len(m.Data) < 4+unix.SizeofNlMsghdr {
		return unix.SizeofNlMsghdr
	}
	return aligned(int(binary.NativeEndian.Uint32(m.Data[4:])))
}
