package repl

import (
	"os"
	"os/signal"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// rawMode is a terminal whose keys are read one by one (termios(3)).
type rawMode struct {
	fd int

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
		resumed := make(chan os.Signal, 1)
		signal.Notify(resumed, unix.SIGCONT)
		defer signal.Stop(resumed)
		_ = unix.Kill(0, unix.SIGTSTP)
		// The signal may reach another thread first: raw mode must not come before
		// the stop, for the shell takes the terminal as it finds it.
		select {
		case <-resumed:
		case <-time.After(100 * time.Millisecond): // there is no one to stop it
		}
	}
	_ = r.enter()
}

// columns is the width of the terminal; 80 where it does not say.
func columns(f *os.File) int {
	if f == nil {
		return 80
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 {
		return 80
	}
	return int(size.Col)
}
