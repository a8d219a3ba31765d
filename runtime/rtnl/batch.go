package rtnl

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"
)

// Request is one message of a batch.
type Request struct {
	Kind, Flags int
	Body        []byte
}

// maxBatch bounds a batch, in bytes.
const maxBatch = 16 << 20

// Batch sends messages of nftables that are done all or none (<linux/netfilter/
// nfnetlink.h>, NFNL_MSG_BATCH_BEGIN), on a socket of netfilter. The error is that of the
// first that the kernel refuses.
func (c *Conn) Batch(list []Request) error {
	_ = unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, maxBatch) // root's; the default takes 200 KB
	_ = unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_SNDBUF, maxBatch)
	// The header names the subsystem, in network order, after a family and a version.
	around := binary.BigEndian.AppendUint16([]byte{unix.AF_UNSPEC, 0}, unix.NFNL_SUBSYS_NFTABLES)
	all := frame(unix.NFNL_MSG_BATCH_BEGIN, 0, c.next(), around)
	for i, r := range list {
		flags := r.Flags
		if i == len(list)-1 {
			flags |= unix.NLM_F_ACK
		}
		all = append(all, frame(r.Kind, flags, c.next(), r.Body)...)
	}
	last := c.seq
	all = append(all, frame(unix.NFNL_MSG_BATCH_END, 0, c.next(), around)...)
	if err := c.Send(all); err != nil {
		return err
	}
	return c.batchEnd(last)
}

func (c *Conn) next() uint32 {
	c.seq++
	return c.seq
}

// batchEnd waits for the answer to the last message of a batch, which comes after those of
// what was refused.
func (c *Conn) batchEnd(last uint32) error {
	var failed error
	x := exchange{Conn: c}
	buf := make([]byte, dumpSize)
	if err := unix.SetsockoptTimeval(c.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 5}); err != nil {
		return err
	}
	for {
		n, err := x.receive(buf)
		if err != nil {
			if failed != nil {
				return failed
			}
			return fmt.Errorf("no answer to a transaction: %w", err)
		}
		for rest := buf[:n]; len(rest) > 0; {
			m, after, err := message(rest)
			if err != nil {
				return err
			}
			rest = after
			if m.Header.Type == unix.NLMSG_ERROR && code(m.Data) != 0 && failed == nil {
				failed = refused(m)
			}
			if m.Header.Seq == last {
				return failed
			}
		}
	}
}
