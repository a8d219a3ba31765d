package probe

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// call is one connection.
type call struct {
	plan.Connect
	fd   int
	file *os.File
	// after is done once a TCP connection is established, if it is set.
	after func(*call) error
	// answer is what came over UDP, or what after has read; answered is when the
	// header of an HTTP answer was there.
	answer   []byte
	answered time.Time
}

// openCall opens the socket of a request in the calling thread's namespace.
func openCall(r plan.Connect) (*call, error) {
	domain, kind := unix.AF_INET, unix.SOCK_STREAM
	if r.To.Addr().Is6() {
		domain = unix.AF_INET6
	}
	if r.Proto == "udp" {
		kind = unix.SOCK_DGRAM
	}
	fd, err := unix.Socket(domain, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if errors.Is(err, unix.EAFNOSUPPORT) {
		return &call{Connect: r, fd: -1}, nil
	}
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	// ICMP errors come with the name of who sent them (ip(7), ipv6(7)).
	if domain == unix.AF_INET {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_RECVERR, 1)
	} else {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_RECVERR, 1)
	}
	if err != nil {
		return nil, errors.Join(os.NewSyscallError("setsockopt", err), unix.Close(fd))
	}
	return &call{Connect: r, fd: fd}, nil
}

func (c *call) close() {
	switch {
	case c == nil || c.fd < 0:
	case c.file != nil:
		_ = c.file.Close()
	default:
		_ = unix.Close(c.fd)
	}
}

// run connects, asks and waits for the answer.
func (c *call) run(ctx context.Context) (reply plan.ConnectReply) {
	start := time.Now()
	if c.fd < 0 {
		reply.Err = plan.RefusedHere(unix.EAFNOSUPPORT)
		return reply
	}
	err := c.connect()
	if err == nil || errors.Is(err, unix.EINPROGRESS) {
		c.file = os.NewFile(uintptr(c.fd), "connection")
		_ = c.file.SetDeadline(start.Add(c.Wait))
		stop := context.AfterFunc(ctx, func() { _ = c.file.SetDeadline(time.Unix(1, 0)) })
		defer stop()
		if c.Proto == "udp" {
			err = c.exchange(ctx, start.Add(c.Wait))
		} else {
			err = c.established()
		}
		if err == nil && c.after != nil {
			err = c.after(c)
		}
	}
	reply.RTT = time.Since(start)
	if err != nil {
		reply.Err = c.refusal(err)
		return reply
	}
	reply.Connected = true
	if c.HTTP != nil {
		reply.HTTP, reply.Broken = c.ask(ctx)
		if reply.HTTP != nil {
			reply.RTT = c.answered.Sub(start)
		}
	}
	return reply
}

func (c *call) connect() error {
	port := int(c.To.Port())
	if a := c.To.Addr(); a.Is4() {
		return unix.Connect(c.fd, &unix.SockaddrInet4{Port: port, Addr: a.As4()})
	}
	to := &unix.SockaddrInet6{Port: port, Addr: c.To.Addr().As16()}
	if c.Dev != "" {
		index, err := interfaceIndex(c.fd, c.Dev)
		if err != nil {
			return unix.ENODEV
		}
		to.ZoneId = uint32(index)
	}
	return unix.Connect(c.fd, to)
}

// established waits until the TCP connection is established or refused.
func (c *call) established() error {
	raw, err := c.file.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Write(func(fd uintptr) bool {
		if _, err := unix.Getpeername(int(fd)); err == nil {
			return true
		}
		errno, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
		switch {
		case err != nil:
			failed = err
		case errno != 0:
			failed = syscall.Errno(errno)
		}
		return failed != nil
	})
	return errors.Join(failed, err)
}

// exchange sends the datagram and waits for any answer; where none comes it is sent
// again, for it may be lost.
func (c *call) exchange(ctx context.Context, end time.Time) error {
	answer := make([]byte, 1<<16)
	for gap := resendAfter; ; gap = longerGap(gap) {
		if _, err := c.file.Write(c.Payload); err != nil {
			return err
		}
		n, err := c.readUntil(ctx, answer, earlier(time.Now().Add(gap), end))
		if err == nil {
			c.answer = answer[:n]
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) || ctx.Err() != nil || !time.Now().Before(end) {
			return err
		}
	}
}

// resendAfter is when a datagram is sent for the second time; the time doubles.
const resendAfter = 500 * time.Millisecond

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// readUntil reads once. The end of ctx ends it also when it comes as the deadline
// is being set.
func (c *call) readUntil(ctx context.Context, into []byte, deadline time.Time) (int, error) {
	if err := c.file.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	if ctx.Err() != nil {
		return 0, os.ErrDeadlineExceeded
	}
	return c.file.Read(into)
}

// refusal says what an error means; the zero value for one that says nothing
// but that the time is up.
func (c *call) refusal(err error) plan.PingError {
	var errno syscall.Errno
	if errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &errno) {
		return plan.PingError{}
	}
	e := plan.RefusedHere(errno)
	oob := make([]byte, 256)
	_, n, _, _, failed := unix.Recvmsg(c.fd, make([]byte, 1), oob, unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
	if failed != nil {
		return e
	}
	level, typ := unix.IPPROTO_IP, unix.IP_RECVERR
	if c.To.Addr().Is6() {
		level, typ = unix.IPPROTO_IPV6, unix.IPV6_RECVERR
	}
	if icmp, ok := extendedError(findControl(oob[:n], level, typ)); ok {
		said := icmp.refusal()
		said.Errno = errno
		return said
	}
	return e
}
