package kernel

import (
	"errors"

	"golang.org/x/sys/unix"
)

// spareAfter is how many namespaces are made before one is made in advance: a
// small lab has no use for it.
const spareAfter = 8

// spareNS makes namespaces, in a large lab each one while the one before it is
// being furnished: the kernel takes about half a millisecond for one.
type spareNS struct {
	made int
	next chan newNS // nil when none is on its way
}

type newNS struct {
	h   *handle
	err error
}

// take gives a new namespace that has no name.
func (s *spareNS) take() (*handle, error) {
	m := newNS{}
	if s.next != nil {
		m = <-s.next
		s.next = nil
	} else {
		m.h, m.err = makeNS()
	}
	if s.made++; m.err == nil && s.made >= spareAfter {
		next := make(chan newNS, 1)
		s.next = next
		go func() {
			h, err := makeNS()
			next <- newNS{h, err}
		}()
	}
	return m.h, m.err
}

// discard closes the one that nobody took.
func (s *spareNS) discard() error {
	if s.next == nil {
		return nil
	}
	m := <-s.next
	s.next = nil
	if m.err != nil {
		return nil // nobody wanted it
	}
	return m.h.close()
}

// makeNS makes a namespace and opens it, on a thread that is inside it.
func makeNS() (h *handle, err error) {
	err = switched(
		func() error { return unix.Unshare(unix.CLONE_NEWNET) },
		func() error {
			ns, err := unix.Open(threadNS, unix.O_RDONLY|unix.O_CLOEXEC, 0)
			if err == nil {
				h, err = newHandle("", ns, dial)
			}
			return err
		})
	if err != nil && h != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, err
}
