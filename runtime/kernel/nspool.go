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
	// aheadFrom is how many namespaces a statement must ask for, so that making
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
	// wanted are announced and not taken yet, of many at once or of few.
	wanted  int
	many    bool
	netlink rtnl.Dialer
	ready   chan pooledNS // nil while no worker runs; closed when all are made
	stopped *atomic.Bool
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
	_ = w.ahead.stop() // what was not taken
	w.ahead.wanted = countWithBaseline(ops)
	w.ahead.many = w.ahead.wanted >= aheadFrom
	w.indexes.expect(len(ops) > 0)
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
	if n.ready == nil && ok && n.many {
		n.work(settings)
	}
	n.wanted = max(n.wanted-1, 0)
	if n.ready != nil {
		if m, ok := <-n.ready; ok {
			return m
		}
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

// work starts the poolWorkers, who give each namespace these settings.
func (n *nsPool) work(settings []plan.Setting) {
	ready, left, stopped := make(chan pooledNS, aheadMost), &atomic.Int64{}, &atomic.Bool{}
	left.Store(int64(n.wanted))
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
	n.wanted = 0
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
