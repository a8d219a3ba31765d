package host

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// Caller is the user who runs this process: the one who called sudo(8) where root runs it by that.
type Caller struct{ UID, GID int }

// TheCaller finds out who it is.
func TheCaller() Caller {
	c := Caller{os.Geteuid(), os.Getegid()}
	uid, errUser := strconv.Atoi(os.Getenv("SUDO_UID"))
	gid, errGroup := strconv.Atoi(os.Getenv("SUDO_GID"))
	if c.UID == 0 && errUser == nil && errGroup == nil {
		return Caller{uid, gid}
	}
	return c
}

// maxScript bounds a script, in bytes.
const maxScript = 16 << 20

// Read reads a script that is to change the machine, with the caller's rights: a regular file
// that the caller owns and no one else may write.
func (c Caller) Read(name string) (text string, err error) {
	err = c.as(func() error {
		f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		if why := c.distrusts(info); why != "" {
			return refuse("a script that changes the machine must be a file that you own and no one else may write: chmod go-w FILE", "%s: %s", name, why)
		}
		data, err := io.ReadAll(io.LimitReader(f, maxScript))
		text = string(data)
		return err
	})
	var path *fs.PathError
	if errors.As(err, &path) {
		err = diag.List{diag.Errorf(diag.NoFile, source.Span{}, "cannot read %s: %v", name, path.Err)}
	}
	return text, err
}

// distrusts is why a file is not one of the caller's own, or "".
func (c Caller) distrusts(info fs.FileInfo) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok || !info.Mode().IsRegular():
		return "it is not a regular file"
	case int(st.Uid) != c.UID:
		return "it belongs to another user"
	case info.Mode().Perm()&0o022 != 0:
		return "others may write it"
	}
	return ""
}

// as calls f with the caller's rights, on a thread that ends with it.
func (c Caller) as(f func() error) error {
	if c.UID == os.Geteuid() {
		return f()
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread has lost root's rights
		err := c.become()
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}

// become gives the calling thread, and no other, the caller's rights (credentials(7)).
func (c Caller) become() error {
	for _, call := range [][4]uintptr{
		{unix.SYS_SETGROUPS},
		{unix.SYS_SETRESGID, uintptr(c.GID), uintptr(c.GID), uintptr(c.GID)},
		{unix.SYS_SETRESUID, uintptr(c.UID), uintptr(c.UID), uintptr(c.UID)},
	} {
		if _, _, errno := unix.RawSyscall(call[0], call[1], call[2], call[3]); errno != 0 {
			return os.NewSyscallError("become the caller", errno)
		}
	}
	return nil
}
