package kernel

import (
	"errors"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

const (
	// aheadFrom is how many namespaces must be asked for, so that making
	// them in advance is worth it.
	aheadFrom = 8
	// poolWorkers is how many threads make namespaces. The kernel takes about half a
	// millisecond for one, most of it under no common lock.
	poolWorkers = 2
	// aheadMost is how many namespaces wait to be named at most.
	aheadMost = 16
)

// nsPool makes namespaces in advance, with their baseline, while those before
// them are named.
type nsPool struct {
	// wanted are announced by the statement that runs, and not taken yet.
	wanted int
	// expected are all that are to come, as far as that is known: by this statement and
	// by others.
	expected int
	netlink  rtnl.Dialer
	ready    chan pooledNS // nil while no worker runs; closed when all are made
	stopped  *atomic.Bool
}

type pooledNS struct {
	h   *handle
	err error
	// baseline: it has its baseline.
	baseline bool
}

// Prefetch announces the ops that come next, so that namespaces are made on more than
// one processor; none: the last ones were done, or given up. It
// changes nothing in what the ops do.
func (w *World) Prefetch(ops []plan.Op) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ahead.expected == 0 {
		_ = w.ahead.stop() // what was not taken
	}
	w.ahead.wanted = countWithBaseline(ops)
	w.indexes.expect(len(ops) > 0)
}

// ExpectNodes announces how many nodes the ops of all statements to come make, as far as it is
// known, so that those of small statements are made in advance as well. Like [World.Prefetch]
// it changes nothing in what the ops do, and one node more or less does no harm.
func (w *World) ExpectNodes(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead.expected = n
}

// settingsChanged is for when new namespaces may begin otherwise than the last ones did.
func (w *World) settingsChanged() {
	w.sys.forget()
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.ahead.stop() // they began as the others did before
}

// countWithBaseline counts the namespaces, if all get a baseline and a loopback that is up
// as soon as they are made.
func countWithBaseline(ops []plan.Op) (n int) {
	for i, op := range ops {
		if add, ok := op.(plan.AddNS); ok {
			node := plan.NewNode(add.Name)
			if rest := ops[i:]; len(rest) < len(node) || !reflect.DeepEqual(rest[:len(node)], node) {
				return 0
			}
			n++
		}
	}
	return n
}

// take gives a new namespace that has no name.
func (n *nsPool) take(sys *sysctls) pooledNS {
	settings, ok := sys.known()
	ok = ok && n.wanted > 0
	many := max(n.wanted, n.expected)
	n.wanted, n.expected = max(n.wanted-1, 0), max(n.expected-1, 0)
	if n.ready == nil && ok && many >= aheadFrom {
		n.work(settings, many)
	}
	if n.ready != nil && ok {
		if m, ok := <-n.ready; ok && m.err == nil {
			return m
		}
		// The last ones that the kernel has room for may be those that wait here.
		_ = n.stop()
		n.expected = 0
	}
	if !ok {
		settings = nil
	}
	h, err := makeNS(n.netlink, func() error { return sys.writeAll(settings) })
	return pooledNS{h: h, err: err, baseline: ok}
}

// writeAll writes settings into the namespace of the calling thread.
func (s *sysctls) writeAll(settings []plan.Setting) error {
	if len(settings) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.proc.writeAll(settings)
	return err
}

// work starts the poolWorkers, who give each of so many namespaces these settings.
func (n *nsPool) work(settings []plan.Setting, many int) {
	ready, left, stopped := make(chan pooledNS, aheadMost), &atomic.Int64{}, &atomic.Bool{}
	left.Store(int64(many))
	n.ready, n.stopped = ready, stopped
	var all sync.WaitGroup
	for range poolWorkers {
		all.Go(func() {
			worker(settings, n.netlink, ready, func() bool { return !stopped.Load() && left.Add(-1) >= 0 })
		})
	}
	go func() {
		all.Wait()
		close(ready)
	}()
}

// stop ends the work, and closes what was not taken.
func (n *nsPool) stop() error {
	if n.ready == nil {
		return nil
	}
	n.stopped.Store(true)
	var errs []error
	for m := range n.ready {
		if m.err == nil { // an error matters to no op any more
			errs = append(errs, m.h.close())
		}
	}
	n.ready = nil
	return errors.Join(errs...)
}

// worker makes namespaces on one thread, which goes from each into the next.
func worker(settings []plan.Setting, d rtnl.Dialer, ready chan<- pooledNS, more func() bool) {
	runtime.LockOSThread()
	proc := procMount{}
	// A worker that cannot begin leaves its work to the others, or to take; one
	// that cannot go back ends with its thread.
	_ = thereAndBack(func() error { return nil }, func() error {
		for more() {
			h, err := nsWithBaseline(&proc, settings, d)
			ready <- pooledNS{h: h, err: err, baseline: true}
		}
		return proc.close()
	})
}

// nsWithBaseline moves the thread into a namespace of its own, and gives it its baseline.
func nsWithBaseline(proc *procMount, settings []plan.Setting, d rtnl.Dialer) (*handle, error) {
	ns, err := newNS()
	if err != nil {
		return nil, err
	}
	h, err := newHandle("", ns, d)
	if err != nil {
		return nil, err
	}
	if _, err = proc.writeAll(settings); err == nil {
		err = h.setFlags(plan.Loopback, unix.IFF_UP)
	}
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

// makeNS makes a namespace that has no name yet, opens it, and calls finish in it.
func makeNS(d rtnl.Dialer, finish func() error) (h *handle, err error) {
	err = inNew(func(ns Namespace) error {
		if h, err = newHandle("", ns, d); err == nil {
			err = finish()
		}
		return err
	})
	if err != nil && h != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, err
}
