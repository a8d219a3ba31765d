package repl

import (
	"sync"

	"golang.org/x/sys/unix"
)

// rawMode is a terminal whose keys are read one by one (termios(3)).
type rawMode struct {
	fd int
	// stop stops the prompt until it is to go on.
	stop func()

	mu    sync.Mutex
	saved *unix.Termios
}

// enter makes the terminal deliver every key at once and echo none. Output is
// processed as before, so that "\n" begins a new line.
func (r *rawMode) enter() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.saved != nil {
		return nil
	}
	saved, err := unix.IoctlGetTermios(r.fd, unix.TCGETS)
	if err != nil {
		return err
	}
	raw := *saved
	raw.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	raw.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	raw.Cflag = raw.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	raw.Cc[unix.VMIN], raw.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(r.fd, unix.TCSETS, &raw); err != nil {
		return err
	}
	r.saved = saved
	return nil
}

// exit gives the terminal back as enter found it.
func (r *rawMode) exit() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.saved == nil {
		return nil
	}
	err := unix.IoctlSetTermios(r.fd, unix.TCSETS, r.saved)
	r.saved = nil
	return err
}

// suspend does what Ctrl-Z does to any other program: the whole process group
// stops, the supervisor of a sandbox with it, and goes on when the shell says so.
func (r *rawMode) suspend() {
	// A terminal that cannot be restored is left as it is.
	if r.exit() == nil {
		r.stop()
	}
	_ = r.enter()
}
