package rtnl

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Lost is the error of a request whose answer did not come, or cannot be read: the
// kernel may have done it.
type Lost struct{ Err error }

func (l *Lost) Error() string { return "the answer was lost: " + l.Err.Error() }

// Unwrap is why.
func (l *Lost) Unwrap() error { return l.Err }

// ErrChanged is the error of a dump that a change interrupted each time (NLM_F_DUMP_INTR).
var ErrChanged = fmt.Errorf("it changed while it was read: %w", unix.EINTR)

// Tries is how often a request is made at most.
const Tries = 10

// Pause is how long to wait before a try; all together a third of a second. What the
// kernel lacks then will not come soon.
func Pause(try int) time.Duration { return time.Duration(try*try) * time.Millisecond }

// Request is Exchange, made again while the kernel cannot do it for the moment, its
// answer is lost, or a change interrupts a dump. A change that was done at a try whose
// answer was lost is done; where that is not known in the end, the error is a *Lost.
func (c *Conn) Request(kind, flags, answer int, body []byte) (bodies [][]byte, err error) {
	var lost *Lost
	for try := range Tries {
		var whole bool
		bodies, whole, err = c.Exchange(kind, flags, answer, body)
		switch {
		case err == nil && whole:
			return bodies, nil
		case err == nil:
			err = ErrChanged
			continue
		case lost != nil && c.was(kind, flags, err):
			return nil, nil
		case !errors.As(err, &lost) && !Passing(err, flags&unix.NLM_F_ACK != 0):
			return nil, doubtful(err, lost)
		}
		<-time.After(Pause(try))
	}
	return nil, doubtful(err, lost)
}

// doubtful is the error of a request of which an answer was lost.
func doubtful(err error, lost *Lost) error {
	if lost == nil || errors.Is(err, lost) {
		return err
	}
	return &Lost{errors.Join(lost.Err, err)}
}

// Passing reports whether the kernel may do what it refused with this error, a moment
// later. Of a change EBUSY says that something else has to be changed first, of a
// question that another dump of the socket has not ended (netlink_dump_start,
// net/netlink/af_netlink.c).
func Passing(err error, change bool) bool {
	passing := []error{unix.EINTR, unix.EAGAIN, unix.ENOBUFS, unix.ENOMEM}
	return slices.ContainsFunc(passing, func(e error) bool { return errors.Is(err, e) }) || !change && errors.Is(err, unix.EBUSY)
}

// was reports whether the error shows that a change was made before: what was to be
// created is there, what was to be deleted is not.
func (c *Conn) was(kind, flags int, err error) bool {
	const newThing, delThing, kinds = 0, 1, 4 // RTM_NEW…, RTM_DEL…, <linux/rtnetlink.h>
	if c.protocol != unix.NETLINK_ROUTE {
		return false
	}
	switch (kind - unix.RTM_BASE) % kinds {
	case newThing:
		return flags&unix.NLM_F_EXCL != 0 && errors.Is(err, unix.EEXIST)
	case delThing:
		gone := []error{unix.ENOENT, unix.ENODEV, unix.ESRCH, unix.EADDRNOTAVAIL}
		return slices.ContainsFunc(gone, func(e error) bool { return errors.Is(err, e) })
	}
	return false
}
