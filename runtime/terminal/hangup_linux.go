package terminal

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// OnHangup calls f when a terminal is closed at its other end, until stop is called;
// f may still be running then. The signal that the kernel sends (SIGHUP) reaches only
// those whose controlling terminal it is and who do not ignore it.
func OnHangup(tty *os.File, f func()) (stop func()) {
	end, ending, err := os.Pipe()
	if err != nil {
		return func() {} // the signal is left
	}
	// POLLHUP and POLLERR are reported whether they are asked for or not (poll(2)).
	wait := []unix.PollFd{{Fd: int32(tty.Fd())}, {Fd: int32(end.Fd()), Events: unix.POLLIN}}
	go func() {
		defer end.Close()
		for {
			_, err := unix.Poll(wait, -1)
			switch {
			case errors.Is(err, unix.EINTR):
				continue
			case err == nil && wait[1].Revents == 0:
				f()
			}
			return
		}
	}()
	return func() { ending.Close() }
}
