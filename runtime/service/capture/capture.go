// Package capture records the packets of interfaces in a pcapng file: packet
// sockets (packet(7)) that are opened inside the namespaces, a filter in classic
// BPF, and one writer for all of them, which puts the packets into their order.
package capture

import (
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/files"
	"nsl/runtime/plan"
)

// Port is an interface whose packets are recorded.
type Port struct {
	plan.Ref
	// Inside runs f on a thread inside the namespace of the interface.
	Inside func(f func() error) error
}

// Capture is a recording that goes on until Close, until its file cannot be
// written any more, or until all its interfaces are gone.
type Capture struct {
	done chan struct{}
	taps []*tap
	file *file
	// stop wakes run up for the last time (eventfd(2)).
	stop int
	// pending are the packets that are not written yet.
	pending []packet

	mu     sync.Mutex
	closed bool
	err    error
	told   bool // Err has returned it
}

// Start opens the file and the sockets; what passes the interfaces from then on
// is recorded. An error is a *plan.FileError, or the kernel's: ENODEV where
// there is no such interface.
func Start(c plan.Capture, ports []Port, o files.Opener) (*Capture, error) {
	return begin(c, ports, o, os.O_TRUNC)
}

// Resume goes on with a recording that was closed, in a new section of its file.
func Resume(c plan.Capture, ports []Port, o files.Opener) (*Capture, error) {
	return begin(c, ports, o, os.O_APPEND)
}

func begin(c plan.Capture, ports []Port, o files.Opener, mode int) (*Capture, error) {
	filter, err := compile(c.Filter)
	if err != nil {
		return nil, err
	}
	r := &Capture{done: make(chan struct{})}
	if r.stop, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return nil, os.NewSyscallError("eventfd", err)
	}
	for _, p := range ports {
		t, err := open(p, filter)
		if err != nil {
			return nil, errors.Join(err, r.closeAll())
		}
		r.taps = append(r.taps, t)
	}
	if r.file, err = create(o, c, r.taps, mode); err != nil {
		return nil, errors.Join(err, r.closeAll())
	}
	go r.run()
	return r, nil
}

func (r *Capture) closeAll() error {
	errs := []error{unix.Close(r.stop)}
	for _, t := range r.taps {
		errs = append(errs, t.Close())
	}
	return errors.Join(errs...)
}

// run records, and closes everything at its end.
func (r *Capture) run() {
	defer close(r.done)
	err := r.record()
	for i, t := range r.taps {
		r.file.stats(i, t.counted())
	}
	if closing := r.file.close(); err == nil {
		err = closing
	}
	r.mu.Lock() // Close must not write to a descriptor that another file has by then
	defer r.mu.Unlock()
	r.err = errors.Join(err, r.closeAll())
	r.stop = -1
}

// settle is how long a packet may be held back.
const settle = time.Millisecond

// record writes packets until it is stopped or nothing is left to record from. A
// packet that came while the queues were read is held back until the next time:
// one that came before it may be in a queue that was read already.
func (r *Capture) record() error {
	in := newReader()
	for {
		stopped, err := r.await()
		if err != nil {
			return err
		}
		begun := time.Now()
		alive := false
		for i, t := range r.taps {
			if !t.gone {
				in.drain(t, i, func(p packet) { r.pending = append(r.pending, p) })
			}
			alive = alive || !t.gone
		}
		if stopped || !alive {
			return r.write(len(r.pending))
		}
		slices.SortStableFunc(r.pending, earlier)
		ready := slices.IndexFunc(r.pending, func(p packet) bool { return p.at.After(begun) })
		if ready < 0 {
			ready = len(r.pending)
		}
		if err := r.write(ready); err != nil {
			return err
		}
	}
}

func earlier(a, b packet) int { return a.at.Compare(b.at) }

// write writes the first n packets that are pending.
func (r *Capture) write(n int) error {
	slices.SortStableFunc(r.pending[:n], earlier)
	for _, p := range r.pending[:n] {
		if err := r.file.write(p); err != nil {
			return err
		}
	}
	r.pending = slices.Delete(r.pending, 0, n)
	return r.file.flush()
}

// await waits until there is something to read.
func (r *Capture) await() (stopped bool, err error) {
	fds := []unix.PollFd{{Fd: int32(r.stop), Events: unix.POLLIN}}
	for _, t := range r.taps {
		if !t.gone {
			fds = append(fds, unix.PollFd{Fd: int32(t.fd), Events: unix.POLLIN})
		}
	}
	wait := -1
	if len(r.pending) > 0 {
		wait = int(settle.Milliseconds())
	}
	for {
		_, err := unix.Poll(fds, wait)
		if !errors.Is(err, unix.EINTR) {
			return fds[0].Revents != 0, os.NewSyscallError("poll", err)
		}
	}
}

// Done is closed when the recording has ended and the file is whole.
func (r *Capture) Done() <-chan struct{} { return r.done }

// Err is why it ended of its own accord.
func (r *Capture) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.told = r.told || r.err != nil
	return r.err
}

// Close records what has passed until now, and ends. The error is that of the
// file, if Err has not returned it.
func (r *Capture) Close() error {
	r.mu.Lock()
	told := r.closed || r.told
	r.closed = true
	if r.stop >= 0 {
		_, _ = unix.Write(r.stop, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // its counter never fills
	}
	r.mu.Unlock()
	<-r.done
	if told {
		return nil
	}
	return r.err
}
