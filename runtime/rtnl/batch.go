package rtnl

import (
	"encoding/binary"
	"errors"
	"time"

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
// first that the kernel refuses. It is made again as [Conn.Request] does it, so it must be
// one that can be done twice.
func (c *Conn) Batch(list []Request) (err error) {
	for try := range Tries {
		var lost *Lost
		if err = c.batch(list); !errors.As(err, &lost) && !Passing(err, true) {
			return err
		}
		<-time.After(Pause(try))
	}
	return err
}

func (c *Conn) batch(list []Request) error {
	fault := c.fault(list[0].Kind, list[0].Flags)
	if fault.Refused != 0 {
		return fault.Refused
	}
	_ = unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, maxBatch) // root's; the default takes 200 KB
	_ = unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_SNDBUF, maxBatch)
	// The header names the subsystem, in network order, after a family and a version.
	around := binary.BigEndian.AppendUint16([]byte{unix.AF_UNSPEC, 0}, unix.NFNL_SUBSYS_NFTABLES)
	first := c.next()
	all := frame(unix.NFNL_MSG_BATCH_BEGIN, 0, first, around)
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
	return c.batchEnd(first, last, fault)
}

func (c *Conn) next() uint32 {
	c.seq++
	return c.seq
}

// batchEnd waits for the answer to the last message of a batch, which comes after those of
// what was refused.
func (c *Conn) batchEnd(first, last uint32, fault Fault) error {
	var failed error
	x := exchange{Conn: c, fault: fault}
	buf := make([]byte, dumpSize)
	for {
		n, err := x.receive(buf)
		if err != nil {
			if failed != nil {
				return failed
			}
			return &Lost{err}
		}
		n = fault.damage(buf, n)
		for rest := buf[:n]; len(rest) > 0; {
			m, after, err := message(rest)
			if err != nil {
				return &Lost{err}
			}
			rest = after
			if m.Header.Type == unix.NLMSG_ERROR && code(m.Data) != 0 && failed == nil && m.Header.Seq-first <= last-first {
				failed = refused(m)
			}
			if m.Header.Seq == last {
				return failed
			}
		}
	}
}
