package probe

import (
	"errors"

	"golang.org/x/sys/unix"
)

// reader is the one goroutine that reads all sockets of a call of Ping. It polls
// by itself, level-triggered: Go's poller gives up on a descriptor that has only
// EPOLLERR, and that is what a waiting ICMP error is.
type reader struct {
	epoll, wake int
	sockets     map[int32]*socket
	done        chan struct{}
}

// startReader begins to read; stop ends it.
func startReader(sockets []*socket) (*reader, error) {
	r := &reader{epoll: -1, wake: -1, sockets: map[int32]*socket{}, done: make(chan struct{})}
	if err := r.watch(sockets); err != nil {
		r.close()
		return nil, err
	}
	go r.run()
	return r, nil
}

func (r *reader) watch(sockets []*socket) (err error) {
	if r.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	if r.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return err
	}
	if err := r.add(r.wake); err != nil {
		return err
	}
	for _, s := range sockets {
		r.sockets[int32(s.fd)] = s
		if err := r.add(s.fd); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) add(fd int) error {
	return unix.EpollCtl(r.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

func (r *reader) run() {
	defer close(r.done)
	events := make([]unix.EpollEvent, 64)
	for {
		n, err := unix.EpollWait(r.epoll, events, -1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
		for _, e := range events[:max(n, 0)] {
			s := r.sockets[e.Fd]
			if s == nil {
				return
			}
			s.drain()
		}
	}
}

// stop returns when the goroutine has ended.
func (r *reader) stop() {
	// An eventfd counts up by what is written, and is readable from 1 on.
	if _, err := unix.Write(r.wake, []byte{1, 1, 1, 1, 1, 1, 1, 1}); err == nil {
		<-r.done
	}
	r.close()
}

func (r *reader) close() {
	for _, fd := range []int{r.epoll, r.wake} {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
}
