// Package files opens files by names that scripts and people give. In a lab such a
// name must lead to a file of the lab's, never by way of /proc to what the process
// that opens it has open.
package files

import (
	"errors"
	"io/fs"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Opener opens files as os.OpenFile does, by names as one process sees them: this
// one, or that of a person outside.
type Opener interface {
	OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error)
}

// Own are this process's own files.
type Own struct{}

// errNoFile is for what is neither a file nor a directory, and not /dev/null.
var errNoFile = errors.New("it is neither a file nor a directory")

// OpenFile opens a file or directory. It does not wait for one to read from a named
// pipe, and follows no link of /proc (symlink(7), "magic links"). The error is an
// *fs.PathError.
func (Own) OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error) {
	f, err := open(name, flag, perm)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return f, nil
}

func open(name string, flag int, perm fs.FileMode) (*os.File, error) {
	how := unix.OpenHow{Flags: uint64(flag | unix.O_CLOEXEC | unix.O_NONBLOCK | unix.O_NOCTTY), Resolve: unix.RESOLVE_NO_MAGICLINKS}
	if flag&os.O_CREATE != 0 {
		how.Mode = uint64(perm.Perm())
	}
	fd, err := unix.Openat2(unix.AT_FDCWD, name, &how)
	if errors.Is(err, unix.ENOSYS) { // before Linux 5.6
		fd, err = unix.Open(name, int(how.Flags)|unix.O_NOFOLLOW, uint32(how.Mode))
	}
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), name)
	if err := check(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// check refuses what is no file, but for /dev/null and /dev/full. The files of
// /proc and /sys are the kernel's, such as the memory of the process that opened
// them.
func check(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return os.NewSyscallError("fstatfs", err)
	}
	switch {
	case isFile(info, os.DevNull), isFile(info, "/dev/full"):
		return nil
	case st.Type == unix.PROC_SUPER_MAGIC, st.Type == unix.SYSFS_MAGIC, !info.Mode().IsRegular() && !info.IsDir():
		return errNoFile
	}
	return nil
}

func isFile(info fs.FileInfo, name string) bool {
	other, err := os.Stat(name)
	return err == nil && os.SameFile(info, other)
}

// Root opens a directory whose files are to be read; no link leads out of it. The
// caller closes it.
func Root(o Opener, name string) (*os.Root, error) {
	dir, err := o.OpenFile(name, os.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	// There is no os.Root of what is open already.
	return os.OpenRoot("/proc/self/fd/" + strconv.Itoa(int(dir.Fd())))
}
