package kernel

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// forProgram runs f on a thread inside a node, with the node's own files in
// place, and waits for it. The thread ends with f: a program that f starts with
// a parent-death signal has to be waited for by f (prctl(2)).
func (w *World) forProgram(node string, f func() error) error {
	w.mu.Lock()
	err := w.share()
	w.mu.Unlock()
	if err != nil {
		return err
	}
	m, err := w.mountFiles(node)
	if err != nil {
		return err
	}
	return w.in(node, func(h *handle) error { return m.inside(h.ns, f) })
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
