package kernel

import (
	"bytes"
	"fmt"
	"syscall"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

const (
	// answerSize holds an answer about one thing.
	answerSize = 8 << 10
	// dumpSize holds every part of a dump: the kernel makes none longer than this
	// (netlink_dump, net/netlink/af_netlink.c).
	dumpSize = 32 << 10
)

// dumpTries is how often a dump is asked for that changes interrupt.
const dumpTries = 10

// execute sends a request and gives the bodies of the answers that have that
// type. A dump that a change interrupted is asked for again.
func (c *conn) execute(typ, flags, answer int, parts []data) ([][]byte, error) {
	req := nl.NewNetlinkRequest(typ, flags)
	req.Data = parts
	c.mu.Lock()
	defer c.mu.Unlock()
	for range dumpTries {
		x := exchange{conn: c, answer: uint16(answer)}
		if err := x.run(req); err != nil || !x.interrupted {
			return x.bodies, err
		}
	}
	return nil, nl.ErrDumpInterrupted
}

// exchange is one request and what the kernel answers to it.
type exchange struct {
	*conn
	answer      uint16
	bodies      [][]byte
	interrupted bool // NLM_F_DUMP_INTR: a change came between two parts
}

func (x *exchange) run(req *nl.NetlinkRequest) error {
	x.seq++
	req.Seq = x.seq
	to := unix.SockaddrNetlink{Family: unix.AF_NETLINK}
	if err := unix.Sendto(x.fd, req.Serialize(), 0, &to); err != nil {
		return err
	}
	if req.Flags&unix.NLM_F_DUMP != 0 {
		return x.parts()
	}
	// On the stack, as a lab asks thousands of times.
	return x.collect(make([]byte, answerSize))
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
			return err
		}
		for rest := buf[:n]; len(rest) > 0; {
			var m syscall.NetlinkMessage
			if m, rest, err = message(rest); err != nil {
				return err
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
		return m, nil, unix.EINVAL
	}
	native := nl.NativeEndian()
	m.Header = syscall.NlMsghdr{Len: native.Uint32(b), Type: native.Uint16(b[4:]), Flags: native.Uint16(b[6:]),
		Seq: native.Uint32(b[8:]), Pid: native.Uint32(b[12:])}
	size := int(m.Header.Len)
	if size < unix.SizeofNlMsghdr || size > len(b) {
		return m, nil, unix.EINVAL
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
		if a, ok := from.(*unix.SockaddrNetlink); ok && a.Pid == nl.PidKernel {
			return n, nil
		}
	}
}

// take takes one message of the answer, and tells whether it was the last one.
func (x *exchange) take(m syscall.NetlinkMessage) (done bool, err error) {
	if m.Header.Seq != x.seq {
		return false, nil // the rest of a dump that was given up
	}
	x.interrupted = x.interrupted || m.Header.Flags&unix.NLM_F_DUMP_INTR != 0
	switch m.Header.Type {
	case unix.NLMSG_ERROR, unix.NLMSG_DONE:
		if number(m.Data) == 0 {
			return true, nil
		}
		// A copy, so that the buffer does not outlive the exchange.
		return true, refused(syscall.NetlinkMessage{Header: m.Header, Data: bytes.Clone(m.Data)})
	case x.answer:
		x.bodies = append(x.bodies, append([]byte(nil), m.Data...))
	}
	return m.Header.Flags&unix.NLM_F_MULTI == 0, nil
}

// refused is the error of a message that ends an answer: a number, the request
// (its header only when the kernel capped it), and attributes, one of which is
// a text (struct nlmsgerr and NLMSGERR_ATTR_*, <linux/netlink.h>).
func refused(m syscall.NetlinkMessage) error {
	err := error(unix.Errno(-int32(number(m.Data))))
	if m.Header.Flags&unix.NLM_F_ACK_TLVS == 0 {
		return err
	}
	skip := 4
	if m.Header.Type == unix.NLMSG_ERROR {
		skip += echoed(m)
	}
	if as, bad := attrs(m.Data, skip); bad == nil && as[nl.NLMSGERR_ATTR_MSG] != nil {
		err = fmt.Errorf("%w: %s", err, str(as[nl.NLMSGERR_ATTR_MSG]))
	}
	return err
}

// echoed is how long the copy of the request is in an error.
func echoed(m syscall.NetlinkMessage) int {
	if m.Header.Flags&unix.NLM_F_CAPPED != 0 || len(m.Data) < 4+unix.SizeofNlMsghdr {
		return unix.SizeofNlMsghdr
	}
	return aligned(number(m.Data[4:]))
}

func aligned(size int) int { return (size + unix.NLMSG_ALIGNTO - 1) &^ (unix.NLMSG_ALIGNTO - 1) }
