package rtnl

import (
	"bytes"

	"golang.org/x/sys/unix"
)

// Faults decide what goes wrong with requests, one after the other. They are for tests:
// what the kernel does only when it is short of memory, or never.
type Faults interface {
	// Fault is asked before a request of this type, with these flags, is sent to a
	// protocol of netlink(7). Several goroutines may ask.
	Fault(protocol, kind, flags int) Fault
}

// Fault is what goes wrong with one request; the zero value is nothing.
type Fault struct {
	// Refused: the kernel refuses it with this error, and does nothing.
	Refused unix.Errno
	// Lost: the kernel does it, and the answer is lost with this error: ENOBUFS (netlink(7)), or
	// EAGAIN for none in time.
	Lost unix.Errno
	// Damage changes the answer's datagrams; nil leaves them.
	Damage func([]byte) []byte
}

func (c *Conn) fault(kind, flags int) Fault {
	if c.faults == nil {
		return Fault{}
	}
	return c.faults.Fault(c.protocol, kind, flags)
}

func (f Fault) lost() error {
	if f.Lost != 0 {
		return f.Lost
	}
	return nil
}

// damage changes the first n bytes, and gives how many there are then. It works on a
// copy, so that buf may stay on the stack.
func (f Fault) damage(buf []byte, n int) int {
	if f.Damage == nil {
		return n
	}
	return copy(buf, f.Damage(bytes.Clone(buf[:n])))
}

// Raw sends what another library has framed, of this type and with these flags, and gives
// the datagrams of the answer, with the faults of a test. The kernel has the
// answer ready when it was sent.
func (c *Conn) Raw(request []byte, kind, flags int) (datagrams [][]byte, err error) {
	fault := c.fault(kind, flags)
	if fault.Refused != 0 {
		return nil, fault.Refused
	}
	if err := c.Send(request); err != nil {
		return nil, err
	}
	buf := make([]byte, dumpSize)
	for {
		n, _, err := unix.Recvfrom(c.fd, buf, unix.MSG_DONTWAIT)
		switch {
		case err == unix.EAGAIN && fault.Lost != 0:
			return datagrams, &Lost{fault.Lost}
		case err == unix.EAGAIN:
			return datagrams, nil
		case err != nil && err != unix.EINTR:
			return nil, err
		case err == nil:
			n = fault.damage(buf, n)
			datagrams = append(datagrams, bytes.Clone(buf[:n]))
		}
	}
}
