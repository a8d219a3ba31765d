package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// Flows measures how much TCP brings from node to node, all flows at once: each
// has a sender and a receiver of its own, opened inside the two nodes.
//
// The error is ctx's own when it ended first; or it says which socket could not
// be opened, or which node is not there. What the network refuses is no error
// but FlowReply.Err. Everything it opened and started is gone when it returns.
func Flows(ctx context.Context, inside Inside, flows []plan.Flow) ([]plan.FlowReply, error) {
	replies := make([]plan.FlowReply, len(flows))
	streams := make([]*stream, len(flows))
	defer func() {
		for _, s := range streams {
			s.close()
		}
	}()
	for i, f := range flows {
		s := &stream{Flow: f}
		streams[i] = s
		if err := s.open(inside); err != nil {
			return replies, fmt.Errorf("flow from %s to %s: %w", f.From, f.Node, err)
		}
	}
	var wait sync.WaitGroup
	for i, s := range streams {
		wait.Go(func() { replies[i] = s.run(ctx) })
	}
	wait.Wait()
	return replies, ctx.Err()
}

// stream is one flow.
type stream struct {
	plan.Flow
	listener *net.TCPListener
	sender   *call
	arrived  deliveries
}

// open opens the receiver's socket and then the sender's.
func (s *stream) open(inside Inside) error {
	network := "tcp4"
	if s.To.Is6() {
		network = "tcp6"
	}
	err := inside(s.Node, func() (err error) {
		s.listener, err = net.ListenTCP(network, nil)
		return err
	})
	if err != nil {
		return err
	}
	port := uint16(s.listener.Addr().(*net.TCPAddr).Port)
	return inside(s.From, func() (err error) {
		s.sender, err = openCall(plan.Connect{Node: s.From, Proto: "tcp", Dev: s.Dev,
			To: netip.AddrPortFrom(s.To, port), Wait: s.Wait})
		return err
	})
}

func (s *stream) close() {
	if s == nil {
		return
	}
	if s.listener != nil {
		_ = s.listener.Close()
	}
	s.sender.close()
}

// run sends, and measures what arrives.
func (s *stream) run(ctx context.Context) plan.FlowReply {
	_ = s.listener.SetDeadline(time.Now().Add(s.Wait))
	stop := context.AfterFunc(ctx, func() { _ = s.listener.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	received := make(chan struct{})
	go func() {
		defer close(received)
		s.receive(ctx)
	}()
	s.sender.after = s.send
	r := s.sender.run(ctx)
	if !r.Connected { // no client comes any more
		_ = s.listener.SetDeadline(time.Unix(1, 0))
	}
	<-received
	return plan.FlowReply{Connected: r.Connected, Err: r.Err, Rate: s.arrived.rate(s.Time)}
}

// chunk is how many bytes are written at once.
const chunk = 128 << 10

// samples is how often a sender looks at what has arrived, in the time of a measurement.
const samples = 1000

// send writes until the time is up or the receiver has enough. What is still
// in queues then is thrown away.
func (s *stream) send(c *call) error {
	if err := unix.SetsockoptLinger(c.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
		return err
	}
	if err := c.file.SetDeadline(time.Now().Add(s.Time)); err != nil {
		return err
	}
	done := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() { s.arrived.watch(c.fd, max(s.Time/samples, time.Millisecond), done) })
	defer watch.Wait()
	defer close(done)
	zeros := make([]byte, chunk)
	for {
		_, err := c.file.Write(zeros)
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNRESET):
			return nil
		default:
			return err
		}
	}
}

// receive reads what arrives.
func (s *stream) receive(ctx context.Context) {
	conn, err := s.listener.AcceptTCP()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if conn.SetDeadline(time.Now().Add(s.Time)) != nil {
		return
	}
	buffer := make([]byte, 2*chunk)
	for err == nil {
		_, err = conn.Read(buffer)
	}
}
