package probe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// Connect asks services whether they answer, all at once (as far as the
// neighbour table and the queues of packets go, see [Ping]), and reports what came
// back, in the order of requests.
//
// The error is ctx's own when it ended first; or it says which socket could not
// be opened, or which node is not there. What the network, the node's kernel or
// the other side refuses is no error but ConnectReply.Err.
//
// It calls inside only to open sockets, never twice at a time. Everything it
// opened and started is gone when it returns.
func Connect(ctx context.Context, inside Inside, requests []plan.Connect) ([]plan.ConnectReply, error) {
	c := &connector{inside: oneAtATime(inside), requests: requests, replies: make([]plan.ConnectReply, len(requests))}
	defer c.table.close()
	c.table.inside, c.table.nodes = c.inside, c.nodes()
	err := c.run(ctx)
	c.table.giveUp(c.silent())
	return c.replies, errors.Join(err, ctx.Err())
}

// silent are the requests that nothing came back for, as echo requests.
func (c *connector) silent() []*flight {
	var list []*flight
	for i, r := range c.requests {
		if reply := c.replies[i]; !reply.Connected && reply.Err.What == "" {
			list = append(list, &flight{Ping: plan.Ping{Node: r.Node, To: r.To.Addr(), Dev: r.Dev}})
		}
	}
	return list
}

// connector is one call of Connect.
type connector struct {
	inside   Inside
	requests []plan.Connect
	replies  []plan.ConnectReply
	table    neighbours

	mu     sync.Mutex
	failed error
}

func (c *connector) run(ctx context.Context) error {
	order := make([]int, len(c.requests))
	for i := range order {
		order[i] = i
	}
	if len(order) <= fewFlights {
		return c.wave(ctx, order)
	}
	err := c.table.learn()
	if err != nil {
		return err
	}
	// Two nodes that ask each other share the entries of the neighbour table.
	slices.SortStableFunc(order, func(i, j int) int {
		return strings.Compare(c.pairKey(i), c.pairKey(j))
	})
	for len(order) > 0 && ctx.Err() == nil && err == nil {
		n := min(len(order), c.table.room())
		err = c.wave(ctx, order[:n])
		order = order[n:]
	}
	return err
}

func (c *connector) nodes() []string {
	var list []string
	for _, r := range c.requests {
		list = append(list, r.Node)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (c *connector) pairKey(i int) string {
	node, owner := c.requests[i].Node, c.table.owner(c.requests[i].To.Addr())
	return min(node, owner) + " " + max(node, owner)
}

// wave asks some of the requests. The next one starts when one has its answer, or
// has been silent for a while.
func (c *connector) wave(ctx context.Context, which []int) error {
	free := make(chan struct{}, window)
	var all sync.WaitGroup
	for n, i := range which {
		if c.failure() != nil || ctx.Err() != nil {
			break
		}
		free <- struct{}{}
		all.Go(func() {
			release := sync.OnceFunc(func() { <-free })
			// Where there are many to ask, silent ones are left alone sooner.
			patience := max(quiet/10, quiet/time.Duration(1+n/window))
			silent := time.AfterFunc(patience, release)
			defer silent.Stop()
			c.one(ctx, i)
			release()
		})
	}
	all.Wait()
	return c.failure()
}

// one asks one request.
func (c *connector) one(ctx context.Context, i int) {
	var one *call
	err := c.inside(c.requests[i].Node, func() (err error) {
		one, err = openCall(c.requests[i])
		return err
	})
	if err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.failed = fmt.Errorf("connect from %s: %w", c.requests[i].Node, err)
		return
	}
	defer one.close()
	c.replies[i] = one.run(ctx)
}

func (c *connector) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

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
