package outside

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Person is who runs a lab, and what is done for this person's sake.
type Person struct {
	// Opens: what a name typed by the person means is opened, relative to the working
	// directory.
	Opens bool
	// Keep keeps a line that was typed; it may be nil.
	Keep func(line string) error
	// Suspend stops the process group; it may be nil.
	Suspend func()
}

// Serve answers until the other end is closed.
func (p Person) Serve(c *net.UnixConn) {
	defer c.Close()
	for {
		var q question
		if f, err := receive(c, &q); err != nil || f != nil {
			return
		}
		f, err := p.do(q)
		err = send(c, answerOf(err), f)
		if f != nil {
			_ = f.Close()
		}
		if err != nil {
			return
		}
	}
}

func (p Person) do(q question) (*os.File, error) {
	switch {
	case q.Do == doOpen && p.Opens:
		return q.open()
	case q.Do == doKeep && p.Keep != nil:
		return nil, p.Keep(q.Line)
	case q.Do == doSuspend && p.Suspend != nil:
		p.Suspend()
		return nil, nil
	}
	return nil, fmt.Errorf("%s: %w", q.Do, errors.ErrUnsupported)
}

// open opens a file. What is written is no link that others could have left there,
// and nothing but a file is waited for.
func (q question) open() (*os.File, error) {
	f, err := q.named(q.Flag|unix.O_NONBLOCK|unix.O_NOCTTY, fs.FileMode(q.Perm))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		err = errNoFile
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (q question) named(flag int, perm fs.FileMode) (*os.File, error) {
	switch {
	case q.Below != "":
		root, err := os.OpenRoot(q.Below)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		return root.OpenFile(filepath.Clean(q.Name), flag, perm)
	case flag&(os.O_WRONLY|os.O_RDWR) != 0:
		return openPlain(q.Name, flag, perm)
	}
	return os.OpenFile(filepath.Clean(q.Name), flag, perm)
}

// openPlain opens a name no part of which is a link, but for those in the root directory.
func openPlain(name string, flag int, perm fs.FileMode) (*os.File, error) {
	path, err := belowRoot(name)
	if err != nil {
		return nil, err
	}
	how := unix.OpenHow{Flags: uint64(flag | unix.O_CLOEXEC), Resolve: unix.RESOLVE_NO_SYMLINKS}
	if flag&os.O_CREATE != 0 {
		how.Mode = uint64(perm.Perm())
	}
	fd, err := unix.Openat2(unix.AT_FDCWD, path, &how)
	if errors.Is(err, unix.ENOSYS) { // before Linux 5.6
		return os.OpenFile(path, flag|unix.O_NOFOLLOW, perm)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(fd), name), nil
}

// belowRoot is an absolute name whose first part is not a link, as /home may be: no user
// but root can have left one in the root directory.
func belowRoot(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	first, rest, _ := strings.Cut(strings.TrimPrefix(abs, "/"), "/")
	if rest == "" {
		return abs, nil
	}
	if first, err = filepath.EvalSymlinks("/" + first); err != nil {
		return "", err
	}
	return filepath.Join(first, rest), nil
}

var errNoFile = errors.New("it is neither a file nor a directory")
