package probe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// most is how many connections are open at a time; each is a descriptor.
const most = 256

// Connect asks services whether they answer, all at once (as far as the number
// of descriptors goes), and tells what came back, in the order of requests.
//
// The error is ctx's own when it ended first; or it says which socket could not
// be opened, or which node is not there. What the network, the node's kernel or
// the other side refuses is no error but ConnectReply.Err.
//
// It calls inside only to open sockets, never twice at a time. Everything it
// opened and started is gone when it returns.
func Connect(ctx context.Context, inside Inside, requests []plan.Connect) ([]plan.ConnectReply, error) {
	replies := make([]plan.ConnectReply, len(requests))
	for from := 0; from < len(requests); from += most {
		to := min(from+most, len(requests))
		if err := connectWave(ctx, inside, requests[from:to], replies[from:to]); err != nil {
			return replies, err
		}
	}
	return replies, ctx.Err()
}

func connectWave(ctx context.Context, inside Inside, requests []plan.Connect, replies []plan.ConnectReply) error {
	calls := make([]*call, len(requests))
	defer func() {
		for _, c := range calls {
			c.close()
		}
	}()
	byNode := map[string][]int{}
	for i, r := range requests {
		byNode[r.Node] = append(byNode[r.Node], i)
	}
	for node, list := range byNode {
		err := inside(node, func() error {
			for _, i := range list {
				c, err := openCall(requests[i])
				if err != nil {
					return err
				}
				calls[i] = c
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("connect from %s: %w", node, err)
		}
	}
	var wait sync.WaitGroup
	for i, c := range calls {
		wait.Go(func() { replies[i] = c.run(ctx) })
	}
	wait.Wait()
	return nil
}

// call is one connection.
type call struct {
	plan.Connect
	fd   int
	file *os.File
	// after is done once a TCP connection stands, if it is set.
	after func(*call) error
	// answer is what came over UDP, or what after has read.
	answer []byte
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
		reply.Err = refusedHere(unix.EAFNOSUPPORT)
		return reply
	}
	err := c.connect()
	if err == nil || errors.Is(err, unix.EINPROGRESS) {
		c.file = os.NewFile(uintptr(c.fd), "connection")
		_ = c.file.SetDeadline(start.Add(c.Wait))
		stop := context.AfterFunc(ctx, func() { _ = c.file.SetDeadline(time.Unix(1, 0)) })
		defer stop()
		if c.Proto == "udp" {
			err = c.exchange()
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

// established waits until the TCP connection stands or is refused.
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

// exchange sends the datagram and waits for any answer.
func (c *call) exchange() error {
	if _, err := c.file.Write(c.Payload); err != nil {
		return err
	}
	answer := make([]byte, 1<<16)
	n, err := c.file.Read(answer)
	if err == nil {
		c.answer = answer[:n]
	}
	return err
}

// refusal says what an error means; the zero value for one that says nothing
// but that the time is up.
func (c *call) refusal(err error) plan.PingError {
	var errno syscall.Errno
	if errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &errno) {
		return plan.PingError{}
	}
	e := refusedHere(errno)
	oob := make([]byte, 256)
	_, n, _, _, failed := unix.Recvmsg(c.fd, make([]byte, 1), oob, unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
	if failed != nil {
		return e
	}
	level, typ, words := unix.IPPROTO_IP, unix.IP_RECVERR, words4
	if c.To.Addr().Is6() {
		level, typ, words = unix.IPPROTO_IPV6, unix.IPV6_RECVERR, words6
	}
	if icmp, ok := extendedError(findControl(oob[:n], level, typ)); ok {
		said := icmp.refusal(words)
		said.Errno = errno
		return said
	}
	return e
}
