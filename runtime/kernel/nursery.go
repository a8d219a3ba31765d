package kernel

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

const (
	// aheadFrom is how many namespaces a statement must ask for, so that making
	// them in advance is worth it.
	aheadFrom = 8
	// nurses is how many threads make namespaces. The kernel takes about half a
	// millisecond for one, most of it under no common lock.
	nurses = 2
	// aheadMost is how many namespaces wait to be named at most.
	aheadMost = 16
)

// nursery makes namespaces in advance, and furnishes them, while those before
// them are named.
type nursery struct {
	// wanted are announced and not taken yet.
	wanted  int
	ready   chan newNS // nil while nobody works; closed when all are made
	stopped *atomic.Bool
}

type newNS struct {
	h   *handle
	err error
	// furnished tells that it has its baseline, and its loopback is up.
	furnished bool
}

// Foresee tells which ops come next, so that namespaces are made on more than
// one processor; none tells that the last ones were done, or given up. It
// changes nothing in what the ops do.
func (w *World) Foresee(ops []plan.Op) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.ahead.stop() // what nobody wanted
	if n := countFurnished(ops); n >= aheadFrom {
		w.ahead.wanted = n
	}
}

// countFurnished counts the namespaces that get a baseline and a loopback that
// is up as soon as they are made.
func countFurnished(ops []plan.Op) (n int) {
	for i := 0; i+2 < len(ops); i++ {
		add, isNS := ops[i].(plan.AddNS)
		base, isBase := ops[i+1].(plan.Baseline)
		up, isUp := ops[i+2].(plan.SetUp)
		if isNS && isBase && isUp && base.Node == add.Name && up.Node == add.Name && up.Name == plan.Loopback {
			n++
		}
	}
	return n
}

// take gives a new namespace that has no name.
func (n *nursery) take(sys *sysctls) newNS {
	if n.ready == nil && n.wanted > 0 {
		if settings, ok := sys.known(); ok {
			n.work(settings)
		}
	}
	n.wanted = max(n.wanted-1, 0)
	if n.ready != nil {
		if m, ok := <-n.ready; ok {
			return m
		}
	}
	h, err := makeNS()
	return newNS{h: h, err: err}
}

// work starts the nurses, who give each namespace these settings.
func (n *nursery) work(settings []plan.Setting) {
	ready, left, stopped := make(chan newNS, aheadMost), &atomic.Int64{}, &atomic.Bool{}
	left.Store(int64(n.wanted))
	n.ready, n.stopped = ready, stopped
	var all sync.WaitGroup
	for range nurses {
		all.Go(func() {
			nurse(settings, ready, func() bool { return !stopped.Load() && left.Add(-1) >= 0 })
		})
	}
	go func() {
		all.Wait()
		close(ready)
	}()
}

// stop ends the work, and closes what nobody took.
func (n *nursery) stop() error {
	n.wanted = 0
	if n.ready == nil {
		return nil
	}
	n.stopped.Store(true)
	var errs []error
	for m := range n.ready {
		if m.err == nil { // an error concerns nobody any more
			errs = append(errs, m.h.close())
		}
	}
	n.ready = nil
	return errors.Join(errs...)
}

// nurse makes namespaces on one thread, which goes from each into the next.
func nurse(settings []plan.Setting, ready chan<- newNS, more func() bool) {
	runtime.LockOSThread()
	proc := procMount{}
	// A nurse that cannot begin leaves her work to the others, or to take; one
	// that cannot go home ends with her thread.
	_ = thereAndBack(func() error { return nil }, func() error {
		for more() {
			h, err := furnishedNS(&proc, settings)
			ready <- newNS{h: h, err: err, furnished: true}
		}
		return proc.close()
	})
}

// furnishedNS moves the thread into a namespace of its own, and furnishes it.
func furnishedNS(proc *procMount, settings []plan.Setting) (*handle, error) {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return nil, err
	}
	h, err := handleHere()
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

// makeNS makes a namespace and opens it, on a thread that is inside it.
func makeNS() (h *handle, err error) {
	err = switched(
		func() error { return unix.Unshare(unix.CLONE_NEWNET) },
		func() error {
			h, err = handleHere()
			return err
		})
	if err != nil && h != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, err
}

// handleHere opens the namespace of the calling thread, which has no name yet.
func handleHere() (*handle, error) {
	ns, err := unix.Open(threadNS, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return newHandle("", ns, dial)
}
