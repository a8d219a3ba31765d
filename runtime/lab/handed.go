package lab

import (
	"io/fs"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"nsl/runtime/files"
	"nsl/runtime/plan"
)

// namedFile is the file or directory that an op opens, by the name that a person gave it,
// and how; "" is none.
func namedFile(op plan.Op) (name string, flag int) {
	start, ok := op.(plan.Start)
	if !ok {
		return "", 0
	}
	switch s := start.Service.(type) {
	case plan.Capture:
		return s.File, os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	case plan.Program:
		return s.Log, os.O_RDWR | os.O_CREATE | os.O_TRUNC
	case plan.HTTP:
		return s.Dir, os.O_RDONLY | unix.O_DIRECTORY
	case plan.Echo, plan.DNS, plan.DHCP, plan.DHCPRelay, plan.RA: // they name none
	}
	return "", 0
}

// handedFiles opens the files that prompts have handed to a running lab, by the names that
// were typed there, and others as the lab does. A service may open its file again.
type handedFiles struct {
	files.Opener
	mu     sync.Mutex
	byName map[string]*os.File
}

func newHandedFiles(o files.Opener) *handedFiles {
	return &handedFiles{Opener: o, byName: map[string]*os.File{}}
}

// hand notes a file, which the caller keeps; of several of one name the last one counts.
func (h *handedFiles) hand(name string, f *os.File) error {
	own, err := duplicate(f, name)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if old := h.byName[name]; old != nil {
		_ = old.Close() // who uses it has it from OpenFile
	}
	h.byName[name] = own
	return nil
}

// OpenFile implements [files.Opener].
func (h *handedFiles) OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	handed := h.byName[name]
	if handed == nil {
		return h.Opener.OpenFile(name, flag, perm)
	}
	f, err := duplicate(handed, name)
	if err == nil && flag&os.O_APPEND != 0 {
		_, err = unix.FcntlInt(f.Fd(), unix.F_SETFL, unix.O_APPEND)
	}
	if err == nil && flag&os.O_TRUNC != 0 {
		err = f.Truncate(0)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return f, nil
}

func duplicate(f *os.File, name string) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}
