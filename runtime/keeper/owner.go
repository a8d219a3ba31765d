package keeper

import (
	"errors"
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// own marks the lock as this process's, the keeper's, until it ends. Two locks are on
// the file: that of flock(2) passes from nsl up to the keeper; this one, of fcntl(2), is
// a process's own, and the kernel says which (F_GETLK). The number that is written into the
// file is for people: nsl does not read it, for a lab may have written another.
func own(lock *os.File) error {
	if err := unix.FcntlFlock(lock.Fd(), unix.F_SETLK, &unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart}); err != nil {
		return err
	}
	_, err := lock.WriteString(strconv.Itoa(os.Getpid()) + "\n")
	return err
}

// owner is the process that holds the lock of own, or 0.
func owner(lock *os.File) (pid int, err error) {
	held := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart}
	if err := unix.FcntlFlock(lock.Fd(), unix.F_GETLK, &held); err != nil || held.Type == unix.F_UNLCK {
		return 0, err
	}
	return int(held.Pid), nil
}

// signalKeeper sends the owner of the lock a signal. Its number is another process's by
// then at no time: the descriptor is opened first, and the owner asked for again.
func signalKeeper(lock *os.File, lab string, sig unix.Signal) error {
	pid, err := owner(lock)
	if err != nil {
		return err
	}
	if pid <= 1 {
		return silentLab(lab, errors.New("no keeper holds its lock"))
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	defer func() { _ = process.Release() }()
	if again, err := owner(lock); err != nil || again != pid {
		return errors.Join(err, silentLab(lab, errors.New("its keeper has changed")))
	}
	if err := process.Signal(sig); !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}
