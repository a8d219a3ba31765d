package terminal

import (
	"errors"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// Is reports whether f is a terminal (tcgetattr(3)). Unlike f.Fd it leaves a file
// that does not block as it is.
func Is(f *os.File) bool {
	is := false
	control(f, func(fd int) {
		_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		is = err == nil
	})
	return is
}

// usualWidth is that of a terminal that does not say.
const usualWidth = 80

// Width is the number of columns of a terminal, 80 where it does not say; f may
// be nil.
func Width(f *os.File) int {
	width := usualWidth
	control(f, func(fd int) {
		if size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil && size.Col > 0 {
			width = int(size.Col)
		}
	})
	return width
}

// usualHeight is that of a terminal that does not say.
const usualHeight = 24

// Height is the number of lines of a terminal, 24 where it does not say.
func Height(f *os.File) int {
	height := usualHeight
	control(f, func(fd int) {
		if size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil && size.Row > 0 {
			height = int(size.Row)
		}
	})
	return height
}

// Restored runs f and then sets the terminal's modes as they were, also when what
// used it was killed.
func Restored(f *os.File, run func() (int, error)) (int, error) {
	if before, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS); err == nil {
		defer func() { _ = unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, before) }()
	}
	return run()
}

// foreground reports whether this process may read from its terminal. Where the
// signal cannot stop it (SIGTTIN), the kernel answers with an error (tty(4)): so it
// is blocked, on a thread of its own, and nothing is read.
func foreground(f *os.File) bool {
	answer := make(chan bool)
	go func() {
		runtime.LockOSThread() // never unlocked: its signals are not those of others
		var block unix.Sigset_t
		block.Val[0] = 1 << (unix.SIGTTIN - 1)
		if unix.PthreadSigmask(unix.SIG_BLOCK, &block, nil) != nil {
			answer <- true
			return
		}
		reads := true
		control(f, func(fd int) {
			_, err := unix.Read(fd, nil)
			reads = !errors.Is(err, unix.EIO)
		})
		answer <- reads
	}()
	return <-answer
}

func control(f *os.File, call func(fd int)) {
	if raw, err := f.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { call(int(fd)) })
	}
}
