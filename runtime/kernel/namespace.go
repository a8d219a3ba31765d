package kernel

import (
	"errors"
	"runtime"

	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// ID identifies a network namespace, whatever its name: device and inode
// (namespaces(7)). The kernel does not use it again while someone holds
// the namespace.
type ID struct{ dev, ino uint64 }

// Namespace is a network namespace held open. It lives at least until Close.
type Namespace struct {
	ID ID
	ns netns.NsHandle
}

// hold takes over an open namespace, and closes it when it fails.
func hold(ns netns.NsHandle, err error) (Namespace, error) {
	if err != nil {
		return Namespace{}, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(ns), &st); err != nil {
		return Namespace{}, errors.Join(err, ns.Close())
	}
	return Namespace{ID{st.Dev, st.Ino}, ns}, nil
}

// currentNS opens the namespace of the calling thread.
func currentNS() (Namespace, error) { return hold(netns.Get()) }

// newNS moves the calling thread, which is locked, into a new namespace.
func newNS() (Namespace, error) { return hold(netns.New()) }

// Close gives the namespace back; it ends when no name and no one else holds it.
func (n Namespace) Close() error { return n.ns.Close() }

// Hold opens the namespace of a node. The caller closes it.
func (w *World) Hold(node string) (Namespace, error) {
	return look(w, node, func(h *handle) (Namespace, error) {
		fd, err := unix.FcntlInt(uintptr(h.ns), unix.F_DUPFD_CLOEXEC, 0)
		return Namespace{h.ID, netns.NsHandle(fd)}, err
	})
}

// IDOf is the ID of a node's namespace at this moment.
func (w *World) IDOf(node string) (ID, error) {
	if node == plan.Host {
		return w.host.ID, nil
	}
	return w.lookup(node)
}

// Inside runs f on a thread that is inside the network namespace of a node,
// and waits for it. What f opens there (sockets, files under /proc/sys/net)
// stays in that namespace; goroutines that f starts do not. The error is f's,
// or says why the namespace could not be entered.
func (w *World) Inside(node string, f func() error) error {
	return w.in(node, func(h *handle) error { return h.Inside(f) })
}

// Inside runs f on a thread inside the namespace, as [World.Inside] does.
func (n Namespace) Inside(f func() error) error {
	return onThread(func() error {
		return thereAndBack(func() error { return netns.Set(n.ns) }, f)
	})
}

// Start runs f on a thread inside the namespace that ends with f, and waits for
// it: f may change what belongs to the thread, and start a program whose
// parent-death signal comes when the thread ends (prctl(2)).
func (n Namespace) Start(f func() error) error {
	return onThread(func() error {
		// It takes the process's first thread, which no one can end, for /proc/self.
		if unix.Gettid() == unix.Getpid() {
			defer runtime.UnlockOSThread()
			return n.Start(f)
		}
		if err := netns.Set(n.ns); err != nil {
			return err
		}
		return f()
	})
}

// errExited is the answer of a function that ended its goroutine.
var errExited = errors.New("the function left its thread without returning")

// onThread runs f on a thread that is locked to it. A goroutine that ends while
// it is locked takes its thread with it (runtime.LockOSThread): f unlocks one
// that is as it was.
func onThread(f func() error) error {
	err := errExited
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		err = f()
	}()
	<-done
	return err
}

// InNew runs f on a thread inside a new network namespace, which ends with f.
func InNew(f func() error) error { return inNew(func(Namespace) error { return f() }) }

// inNew runs f on a thread inside a new namespace, which ends with f unless f
// holds it.
func inNew(f func(Namespace) error) error {
	var n Namespace
	return onThread(func() error {
		return thereAndBack(func() (err error) {
			n, err = newNS()
			return err
		}, func() error { return f(n) })
	})
}

// thereAndBack puts the calling thread, which is locked, into another namespace
// for f, and unlocks it when it is back.
func thereAndBack(enter, f func() error) error {
	home, err := netns.Get()
	if err != nil {
		runtime.UnlockOSThread()
		return err
	}
	defer func() { _ = home.Close() }()
	if err = enter(); err == nil {
		err = f()
	}
	if back := netns.Set(home); back != nil {
		return errors.Join(err, back)
	}
	runtime.UnlockOSThread()
	return err
}
