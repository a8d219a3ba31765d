package keeper

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Dir is the directory in which the labs of one user have their names. The
// caller closes it.
type Dir struct {
	path string
	root *os.Root
}

// Open opens the directory and makes it if there is none yet: nsl below
// $XDG_RUNTIME_DIR (XDG Base Directory Specification), else below /run/user/UID,
// else /tmp/nsl-UID. The error is a diagnostic when the place belongs to
// another user, others may enter it, or it holds what is not nsl's.
func Open() (*Dir, error) {
	path, err := place()
	if err != nil {
		return nil, err
	}
	return openAt(path)
}

func openAt(path string) (*Dir, error) {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, noPlace(path, err)
	}
	root, err := openDirectory(path)
	if err != nil {
		return nil, noPlace(path, err)
	}
	d := &Dir{path: path, root: root}
	if err := errors.Join(d.checkPlace(), d.checkMarker()); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return d, nil
}

// openDirectory opens a directory that others may have chosen: a link is not followed, and
// a named pipe not waited for.
func openDirectory(path string) (*os.Root, error) {
	f, err := os.OpenFile(path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.IsDir() {
		return nil, cmp.Or(err, error(unix.ENOTDIR))
	}
	// There is no os.Root of what is open already.
	return os.OpenRoot("/proc/self/fd/" + strconv.Itoa(int(f.Fd())))
}

// checkPlace finds a directory of another user's, and one that a symbolic link led
// to. What was opened is what is checked: a name can come to mean another.
func (d *Dir) checkPlace() error {
	info, err := d.root.Stat(".")
	if err != nil {
		return noPlace(d.path, err)
	}
	if err := private(d.path, info, 0o077); err != nil {
		return err
	}
	named, err := os.Lstat(d.path)
	if err == nil && !os.SameFile(named, info) {
		err = unix.ELOOP
	}
	if err != nil {
		return noPlace(d.path, err)
	}
	return nil
}

// guardFile is the lock of the directory, and marks it as nsl's.
const guardFile = ".lock"

// checkMarker marks an empty directory as nsl's, and refuses one that has files but no
// mark.
func (d *Dir) checkMarker() error {
	if _, err := d.root.Lstat(guardFile); err == nil {
		return nil
	}
	entries, err := fs.ReadDir(d.root.FS(), ".")
	switch {
	case err != nil:
		return noPlace(d.path, err)
	case len(entries) > 0:
		return notOurs(d.path)
	}
	guard, err := d.root.OpenFile(guardFile, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return noPlace(d.path, err)
	}
	return guard.Close()
}

// In runs f with the directory open.
func In(f func(*Dir) error) error {
	d, err := Open()
	if err != nil {
		return err
	}
	defer d.Close()
	return f(d)
}

// Close gives the directory back.
func (d *Dir) Close() error { return d.root.Close() }

// place is where the directory is or is to be.
func place() (string, error) {
	uid := strconv.Itoa(os.Geteuid())
	if base := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(base) {
		info, err := os.Stat(base)
		if err != nil {
			return "", noPlace(base, err)
		}
		return filepath.Join(base, "nsl"), private(base, info, 0o022)
	}
	base := "/run/user/" + uid
	if info, err := os.Stat(base); err == nil && private(base, info, 0o022) == nil {
		return filepath.Join(base, "nsl"), nil
	}
	return "/tmp/nsl-" + uid, nil
}

// private is the error that a directory is not this user's own or that its mode
// has one of the forbidden bits.
func private(path string, info fs.FileInfo, forbidden fs.FileMode) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok || !info.IsDir():
		return noPlace(path, unix.ENOTDIR)
	case int(st.Uid) != os.Geteuid():
		return foreignDir(path, st.Uid)
	case info.Mode().Perm()&forbidden != 0:
		return openDir(path, info.Mode().Perm())
	}
	return nil
}

// Names are the labs that have a name, sorted, whether they live or not.
func (d *Dir) Names() ([]string, error) {
	entries, err := fs.ReadDir(d.root.FS(), ".")
	if err != nil {
		return nil, noPlace(d.path, err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && ValidName(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// maxName bounds a lab's name (bytes): prompts show it.
const maxName = 40

// ValidName reports whether a lab can have that name: letters, digits and - _ .
// where the first is a letter or digit.
func ValidName(name string) bool {
	return name != "" && len(name) <= maxName && CleanName(name) == name
}

// CleanName makes a name that a lab can have of any text, or "".
func CleanName(text string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("-_.", r):
			return r
		}
		return '-'
	}, text)
	return strings.TrimLeft(clean[:min(len(clean), maxName)], "-_.")
}

// alone runs f while no other process looks at or changes which labs are running.
func (d *Dir) alone(f func() error) error {
	guard, err := d.root.OpenFile(guardFile, os.O_RDWR|os.O_CREATE|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return noPlace(d.path, err)
	}
	defer guard.Close()
	if err := flock(guard, unix.LOCK_EX); err != nil {
		return noPlace(d.path, err)
	}
	return f()
}

// flock asks again when a signal came between (flock(2)).
func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
