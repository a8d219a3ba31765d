package probe

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// flight is one request of a call of Ping, under way.
type flight struct {
	plan.Ping
	socket  *socket
	table   *neighbours
	inside  Inside
	ifindex int
	// seqs are the sequence numbers it took; guarded by socket.mu.
	seqs []uint16
	// settle is called once, when the first answer is there or none will come.
	settle func()

	mu      sync.Mutex
	reply   plan.PingReply
	total   time.Duration
	waiting int // echoes without an answer
	// changed holds a value after each answer.
	changed chan struct{}
}

// newFlight checks a request.
func newFlight(r plan.Ping) (*flight, error) {
	switch {
	case !r.To.IsValid() || r.To.IsUnspecified():
		return nil, fmt.Errorf("ping from %s: no address to ask", r.Node)
	case r.Count < 1 || r.Size < 0 || r.TTL < 0 || r.TTL > 255 || r.Gap < 0 || r.Wait < 0:
		return nil, fmt.Errorf("ping %s -> %s: count %d, size %d, TTL %d, gap %v or wait %v out of range",
			r.Node, r.To, r.Count, r.Size, r.TTL, r.Gap, r.Wait)
	}
	r.To = r.To.Unmap()
	if zone := r.To.Zone(); zone != "" && r.Dev == "" {
		r.Dev = zone
	}
	r.To = r.To.WithZone("")
	return &flight{Ping: r, settle: func() {}, changed: make(chan struct{}, 1)}, nil
}

// run sends the echo requests and waits for the answers.
func (f *flight) run(ctx context.Context) {
	defer f.settle()
	defer f.abandon()
	for n := range f.Count {
		if f.over() || ctx.Err() != nil {
			return
		}
		if n > 0 && f.Gap > 0 && f.wait(ctx, f.Gap, f.over) {
			return
		}
		f.send(ctx)
	}
	f.wait(ctx, f.Wait, f.complete)
}

// send sends one echo request, for as long as Wait if the kernel lacks room.
func (f *flight) send(ctx context.Context) {
	const pause = 10 * time.Millisecond
	f.update(func() { f.reply.Sent++; f.waiting++ })
	err := f.attempt()
	for give := time.Now().Add(f.Wait); errors.Is(err, unix.ENOBUFS) && time.Now().Before(give); err = f.attempt() {
		f.table.relieve()
		if f.wait(ctx, pause, func() bool { return false }) {
			break
		}
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		f.refused(refusedHere(errno))
	}
}

// attempt is a send with the kernel's two words for a full neighbour table made
// one: IPv6 says EINVAL (net/ipv6/ip6_output.c, ip6_finish_output2), as it does
// for a blackhole route.
func (f *flight) attempt() error {
	err := f.socket.send(f)
	if errors.Is(err, unix.EINVAL) && f.To.Is6() && f.routed() {
		return unix.ENOBUFS
	}
	return err
}

func (f *flight) routed() (yes bool) {
	err := f.inside(f.Node, func() (err error) {
		yes, err = routed6(f.To, f.Dev, f.ifindex)
		return err
	})
	return err == nil && yes
}

// replied counts a reply.
func (f *flight) replied(rtt time.Duration) {
	f.update(func() {
		r := &f.reply
		if r.Received == 0 || rtt < r.Min {
			r.Min = rtt
		}
		r.Max = max(r.Max, rtt)
		r.Received++
		f.total += rtt
		f.waiting--
	})
}

// refused notes a definite refusal.
func (f *flight) refused(e plan.PingError) {
	f.update(func() { f.reply.Err = e; f.waiting-- })
}

func (f *flight) update(change func()) {
	f.mu.Lock()
	change()
	first := f.reply.Received > 0 || f.reply.Err.What != ""
	f.mu.Unlock()
	if first {
		f.settle()
	}
	select {
	case f.changed <- struct{}{}:
	default:
	}
}

// over tells whether more requests are of no use.
func (f *flight) over() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reply.Received == 0 && f.reply.Err.What != "" && f.reply.Err.MTU == 0
}

// complete tells whether no answer is outstanding.
func (f *flight) complete() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	hopeless := f.reply.Received == 0 && f.reply.Err.What != "" && f.reply.Err.MTU == 0
	return f.waiting <= 0 || hopeless
}

// wait waits for d, and tells whether until held or ctx ended before.
func (f *flight) wait(ctx context.Context, d time.Duration, until func() bool) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	for !until() {
		select {
		case <-f.changed:
		case <-t.C:
			return until()
		case <-ctx.Done():
			return true
		}
	}
	return true
}

// abandon makes the socket ignore what comes too late.
func (f *flight) abandon() {
	s := f.socket
	if s == nil {
		return
	}
	s.mu.Lock()
	seqs := f.seqs
	s.mu.Unlock()
	for _, seq := range seqs {
		s.forget(seq, f)
	}
}

func (f *flight) result() plan.PingReply {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.reply
	if r.Received > 0 {
		r.RTT = f.total / time.Duration(r.Received)
	}
	return r
}
