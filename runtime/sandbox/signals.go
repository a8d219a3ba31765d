package sandbox

import (
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// caught are the signals caught here from now on; a signal that was ignored when
// this process started (nohup, a background job) stays ignored, and the child
// inherits that.
type caught chan os.Signal

func catch() caught {
	c := make(caught, 16)
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(s) {
			signal.Notify(c, s)
		}
	}
	return c
}

// stop gives the signals back their former meaning.
func (c caught) stop() {
	signal.Stop(c)
	close(c)
}

// tell writes each signal as one byte to the life pipe. It does not kill(2) the
// init, so that the init can tell a signal of the supervisor's alone from one
// that the terminal sent to the whole process group.
func (c caught) tell(life io.Writer) {
	for s := range c {
		if n, ok := s.(syscall.Signal); ok {
			// The init's end closes the pipe, and Run returns then.
			_, _ = life.Write([]byte{byte(n)})
		}
	}
}

// together is how far apart one signal to a process group may be noticed in two
// of its processes on a busy machine.
const together = 50 * time.Millisecond

// relay passes the supervisor's signals on to the child. A signal that the init
// got itself was sent to the process group, hence to the child too, and is not
// repeated: a second SIGINT has a meaning of its own for the child.
func relay(own <-chan os.Signal, told <-chan syscall.Signal, deliver func(syscall.Signal)) {
	heard := map[syscall.Signal]time.Time{}
	waiting := map[syscall.Signal]bool{}
	due := make(chan syscall.Signal, 64)
	for {
		select {
		case s := <-own:
			n := s.(syscall.Signal)
			heard[n], waiting[n] = time.Now(), false
		case n, open := <-told:
			if !open {
				return
			}
			if !waiting[n] && time.Since(heard[n]) > together {
				waiting[n] = true
				time.AfterFunc(together, func() { due <- n })
			}
		case n := <-due:
			if waiting[n] {
				waiting[n] = false
				deliver(n)
			}
		}
	}
}
