package sandbox

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// reap waits for the orphans of the lab, for ever. They become children of the
// process's first thread, which this is; it waits for its own children only, for
// those of other threads are waited for by who started them.
func reap() {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGCHLD)
	for {
		pid, err := syscall.Wait4(-1, nil, unix.WNOHANG|unix.WALL|unix.WNOTHREAD, nil)
		if pid <= 0 && !errors.Is(err, syscall.EINTR) {
			<-ended
		}
	}
}
