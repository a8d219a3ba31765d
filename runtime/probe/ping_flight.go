package probe

import (
	"context"
	"errors"
	"fmt"
	"math"
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
	// begun is when the first request was sent.
	begun time.Time
	// held is why the last request could not be sent yet.
	held error
	// settle is called once, when the first answer is there or none will come.
	settle func()

	mu    sync.Mutex
	reply plan.PingReply
	total time.Duration
	// squares is the sum of the squares of the round trips, in seconds.
	squares float64
	waiting int // echoes without an answer
	// changed holds a value after each answer.
	changed chan struct{}
}

// newFlight checks a request.
func newFlight(r plan.Ping) (*flight, error) {
	switch {
	case !r.To.IsValid() || r.To.IsUnspecified():
		return nil, fmt.Errorf("ping from %s: no address to ask", r.Node)
	case r.Count < 1 || r.Size < 0 || r.TTL < 0 || r.TTL > 255 || r.TOS < 0 || r.TOS > 255 || r.Gap < 0 || r.Wait < 0:
		return nil, fmt.Errorf("ping %s -> %s: count %d, size %d, TTL %d, gap %v or wait %v out of range",
			r.Node, r.To, r.Count, r.Size, r.TTL, r.Gap, r.Wait)
	}
	r.To = r.To.Unmap()
	if zone := r.To.Zone(); zone != "" && r.Dev == "" {
		r.Dev = zone
	}
	r.To, r.Src = r.To.WithZone(""), r.Src.Unmap().WithZone("")
	if r.Src.IsValid() && r.Src.Is4() != r.To.Is4() {
		return nil, fmt.Errorf("ping %s -> %s: from %s, an address of the other family", r.Node, r.To, r.Src)
	}
	return &flight{Ping: r, settle: func() {}, changed: make(chan struct{}, 1)}, nil
}

// begin sends the first echo request and reports whether the flight is over: most
// answers are there when the send returns. If it is not, run is to be called.
func (f *flight) begin() bool {
	f.begun = time.Now()
	if !f.over() {
		f.try()
	}
	if f.held != nil || f.Count > 1 && !f.over() || !f.complete() {
		return false
	}
	f.end()
	return true
}

// run sends the other echo requests and waits for the answers.
func (f *flight) run(ctx context.Context) {
	defer f.end()
	f.insist(ctx)
	for range f.Count - 1 {
		if f.over() || ctx.Err() != nil {
			return
		}
		if f.Gap > 0 && f.wait(ctx, f.Gap, f.over) {
			return
		}
		f.try()
		f.insist(ctx)
	}
	if f.Count == 1 && f.Again > 0 {
		f.repeat(ctx)
		return
	}
	f.wait(ctx, f.Wait, f.complete)
}

// repeat sends the request again where no answer comes: it may be lost, or the way
// may have opened since.
func (f *flight) repeat(ctx context.Context) {
	end := time.Now().Add(f.Wait)
	for gap := f.Again; !f.wait(ctx, min(gap, time.Until(end)), f.complete) && time.Now().Before(end); gap = longerGap(gap) {
		f.outcome(f.attempt())
		f.insist(ctx)
	}
}

// longerGap is how long to wait after the next repetition.
func longerGap(gap time.Duration) time.Duration { return min(2*gap, time.Second) }

func (f *flight) end() {
	f.abandon()
	f.settle()
}

// try sends one echo request, or holds why it could not for want of room.
func (f *flight) try() {
	f.update(func() { f.reply.Sent++; f.waiting++ })
	f.outcome(f.attempt())
}

// insist tries again, for as long as Wait.
func (f *flight) insist(ctx context.Context) {
	const pause = 10 * time.Millisecond
	for give := time.Now().Add(f.Wait); f.held != nil && time.Now().Before(give); {
		f.table.relieve()
		if f.wait(ctx, pause, func() bool { return false }) {
			break
		}
		f.outcome(f.attempt())
	}
	if f.held != nil {
		f.refused(plan.RefusedHere(unix.ENOBUFS))
		f.held = nil
	}
}

// outcome is what came of a send.
func (f *flight) outcome(err error) {
	f.held = nil
	var errno syscall.Errno
	switch {
	case err == nil:
		f.socket.look(f.complete)
	case errors.Is(err, unix.ENOBUFS):
		f.held = err
	case errors.As(err, &errno):
		f.refused(plan.RefusedHere(errno))
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

// replied counts a reply; of one request that was sent several times, the first.
func (f *flight) replied(rtt time.Duration) {
	f.update(func() {
		r := &f.reply
		if r.Received == r.Sent {
			return
		}
		if r.Received == 0 || rtt < r.Min {
			r.Min = rtt
		}
		r.Max = max(r.Max, rtt)
		r.Received++
		f.total += rtt
		f.squares += rtt.Seconds() * rtt.Seconds()
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

// over reports whether more requests are of no use.
func (f *flight) over() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hopeless()
}

// hopeless reports a refusal after which more requests are of no use: after one that says
// how large a packet may be, the kernel fragments the next.
func (f *flight) hopeless() bool {
	return f.reply.Received == 0 && f.reply.Err.What != "" && (f.reply.Err.MTU == 0 || f.DF)
}

// complete reports whether no answer is outstanding.
func (f *flight) complete() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.waiting <= 0 || f.hopeless()
}

// wait waits for d, and reports whether until held or ctx ended before.
func (f *flight) wait(ctx context.Context, d time.Duration, until func() bool) bool {
	if until() {
		return true
	}
	f.socket.reader.attend(f.socket)
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
		variance := f.squares/float64(r.Received) - r.RTT.Seconds()*r.RTT.Seconds()
		r.Deviation = time.Duration(math.Sqrt(max(0, variance)) * float64(time.Second))
	}
	return r
}
