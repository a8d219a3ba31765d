package outside

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

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
		return open(q.Name, q.Flag, fs.FileMode(q.Perm))
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
func open(name string, flag int, perm fs.FileMode) (*os.File, error) {
	if flag&(os.O_WRONLY|os.O_RDWR) != 0 {
		flag |= unix.O_NOFOLLOW
	}
	f, err := os.OpenFile(filepath.Clean(name), flag|unix.O_NONBLOCK|unix.O_NOCTTY, perm)
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

var errNoFile = errors.New("it is neither a file nor a directory")
