package probe

import (
	"errors"

	"golang.org/x/sys/unix"
)

// reader is the one goroutine that reads the sockets of a call of Ping for those
// who wait: most replies are there when the send returns, and whoever has sent
// reads them itself. It polls by itself, for one event of a socket at a time and
// level-triggered: Go's poller gives up on a descriptor that has only EPOLLERR,
// and that is what a waiting ICMP error is.
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
	if err := r.control(unix.EPOLL_CTL_ADD, r.wake, unix.EPOLLIN); err != nil {
		return err
	}
	for _, s := range sockets {
		r.sockets[int32(s.fd)], s.reader = s, r
		if err := r.control(unix.EPOLL_CTL_ADD, s.fd, unix.EPOLLONESHOT); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) control(op, fd int, events uint32) error {
	return unix.EpollCtl(r.epoll, op, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)})
}

// attend has the reader look after a socket, for what is there already too.
func (r *reader) attend(s *socket) {
	_ = r.control(unix.EPOLL_CTL_MOD, s.fd, unix.EPOLLIN|unix.EPOLLONESHOT)
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
			if s.awaits() {
				r.attend(s)
			}
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
