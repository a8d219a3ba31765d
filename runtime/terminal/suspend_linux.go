package terminal

import (
	"bytes"
	"errors"
	"os"
	"os/signal"
	"time"

	"nsl/runtime/proc"

	"golang.org/x/sys/unix"

	"github.com/creack/pty"
)

// The program is alone in its session: its group is an orphan, which the kernel
// does not stop with Ctrl-Z (setpgid(2), "orphaned"). The person means it for
// this command, as if the program ran here. A shell in the lab is another
// matter: it knows what to do with Ctrl-Z.

// keys copies what is typed, and stops program and client where that is meant,
// until the other end of stop is closed: what is typed later is another's.
func (t *terminal) keys(stop *os.File) {
	b := make([]byte, 4096)
	for t.typed(stop) {
		n, err := t.In.Read(b)
		t.interrupts(b[:n])
		if n > 0 && !t.suspends(b[:n]) {
			_, err = t.outer.Write(b[:n])
		}
		if err != nil {
			return
		}
	}
}

// typed waits for a key, or for the end.
func (t *terminal) typed(stop *os.File) bool {
	wait := []unix.PollFd{{Fd: int32(t.In.Fd()), Events: unix.POLLIN}, {Fd: int32(stop.Fd()), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(wait, -1)
		if !errors.Is(err, unix.EINTR) {
			return err == nil && wait[1].Revents == 0
		}
	}
}

// interrupts calls Interrupt if its key was typed.
func (t *terminal) interrupts(typed []byte) {
	if t.Interrupt == nil {
		return
	}
	_ = t.onOuter(func(fd int) error {
		inner, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err == nil && inner.Lflag&unix.ISIG != 0 && bytes.Contains(typed, inner.Cc[unix.VINTR:unix.VINTR+1]) {
			t.Interrupt()
		}
		return err
	})
}

// suspends reports whether Ctrl-Z was typed and has been done.
func (t *terminal) suspends(typed []byte) bool {
	group := 0
	err := t.onOuter(func(fd int) error {
		inner, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err != nil || inner.Lflag&unix.ISIG == 0 || !bytes.Contains(typed, inner.Cc[unix.VSUSP:unix.VSUSP+1]) {
			return err
		}
		session, errS := unix.IoctlGetInt(fd, unix.TIOCGSID)
		foreground, errG := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
		if foreground == session {
			group = foreground
		}
		return errors.Join(errS, errG)
	})
	if err != nil || group == 0 || !defaultStop(group) || unix.Kill(-group, unix.SIGSTOP) != nil {
		return false
	}
	t.pause()
	return unix.Kill(-group, unix.SIGCONT) == nil
}

// defaultStop reports whether a process leaves SIGTSTP to the kernel: it
// neither ignores nor catches it.
func defaultStop(pid int) bool {
	return pid > 1 && !proc.Ended(pid) && !proc.Handles(pid, "SigIgn", unix.SIGTSTP) && !proc.Handles(pid, "SigCgt", unix.SIGTSTP)
}

// pause suspends this process with the terminal as it was before, and shows the
// program's again when it goes on.
func (t *terminal) pause() {
	// The shell takes the terminal as it finds it; nothing else can be done here.
	_ = unix.IoctlSetTermios(int(t.In.Fd()), unix.TCSETSW, &t.before)
	if t.Suspend != nil {
		t.Suspend()
	} else {
		Suspend()
	}
	_ = t.raw()
	_ = pty.InheritSize(t.In, t.outer)
}

// Suspend stops this process's group, as the kernel does at Ctrl-Z, and returns
// when it goes on.
func Suspend() {
	resumed := make(chan os.Signal, 1)
	signal.Notify(resumed, unix.SIGCONT)
	defer signal.Stop(resumed)
	_ = unix.Kill(0, unix.SIGTSTP)
	// The signal may reach another thread first: this process must not change the
	// terminal before the stop.
	select {
	case <-resumed:
	case <-time.After(100 * time.Millisecond): // there is no one to stop it
	}
}
