package kernel

import (
	"errors"
	"runtime"

	"golang.org/x/sys/unix"
)

// threadNS is the network namespace of the calling thread. /proc/self would be
// the main thread's (proc(5)).
const threadNS = "/proc/thread-self/ns/net"

// errExited is the answer of a function that ended its goroutine.
var errExited = errors.New("the function left its thread without returning")

// Inside runs f on a thread that is inside the network namespace of a node,
// and waits for it. What f opens there (sockets, files under /proc/sys/net)
// stays in that namespace; goroutines that f starts do not. The error is f's,
// or says why the namespace could not be entered.
func (w *World) Inside(node string, f func() error) error {
	return w.in(node, func(h *handle) error { return inside(h.ns, f) })
}

// inside runs f on a thread inside the namespace that ns refers to.
func inside(ns int, f func() error) error {
	return switched(func() error { return unix.Setns(ns, unix.CLONE_NEWNET) }, f)
}

// switched runs f on a thread of its own, after enter has put the thread into
// another network namespace. If enter fails the thread must be where it was.
func switched(enter, f func() error) error {
	err := errExited
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		err = thereAndBack(enter, f)
	}()
	<-done
	return err
}

// thereAndBack unlocks the thread only when it is back: a goroutine that ends
// while it is locked takes its thread with it (runtime.LockOSThread).
func thereAndBack(enter, f func() error) error {
	home, err := unix.Open(threadNS, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		runtime.UnlockOSThread()
		return err
	}
	defer func() { _ = unix.Close(home) }()
	if err := enter(); err != nil {
		runtime.UnlockOSThread()
		return err
	}
	err = f()
	if back := unix.Setns(home, unix.CLONE_NEWNET); back != nil {
		return errors.Join(err, back)
	}
	runtime.UnlockOSThread()
	return err
}

// inside runs f on a thread inside the namespace that ns refers to, with the
// mounts in place.
func (m mounts) inside(ns int, f func() error) error {
	return doomed(func() error {
		if err := unix.Setns(ns, unix.CLONE_NEWNET); err != nil {
			return err
		}
		if err := m.mount(); err != nil {
			return err
		}
		return f()
	})
}

// doomed runs f on a thread that ends with it. A goroutine that ends while it is
// locked takes its thread with it, but for the process's first, which
// /proc/self stands for: that one is passed over.
func doomed(f func() error) (err error) {
	err = errExited
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			err = doomed(f)
			runtime.UnlockOSThread()
			return
		}
		err = f()
	}()
	<-done
	return err
}
