package sandbox

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"nsl/runtime/sandbox/confine"
)

// A room is what a lab finds of files: its own root, in which the machine's
// programs are and nothing of a person's. It travels from the supervisor to the
// process that builds it.
type room struct {
	// Trusted: the machine's own root stays, with /run and /tmp of the lab's own.
	Trusted bool
	// Dir is the working directory. It is there, empty, where no bind has it.
	Dir string
	// Scratch: Dir may be written, in memory.
	Scratch bool
	// Binds are directories and files of the machine that are there by the same
	// name, a parent before what is below it.
	Binds []Bind
}

// Bind is a place of the machine that a lab sees.
type Bind struct {
	Path string
	// Write: it may be written, and what is below it.
	Write bool
	// Optional: it is left out where it is not there, or may not be entered.
	Optional bool
	// Real: no part of Path is a link, or has become one when it is opened.
	Real bool

	// tree is a descriptor of it, a copy of its mounts; 0 for none.
	tree int
}

// has reports whether a directory is one of the machine's, or below one.
func (r room) has(dir string) bool {
	return below(dir+"/", systemDirs()) || slices.ContainsFunc(r.Binds, func(b Bind) bool {
		return strings.HasPrefix(dir+"/", b.Path+"/")
	})
}

// confinement is that of the lab's programs. They may write where the room can be
// written; the mounts say so too.
func (r room) confinement() *confine.Confinement {
	if r.Trusted {
		return nil
	}
	writable := []string{"/tmp", "/run", "/var", "/dev", "/proc", "/sys"}
	for _, b := range r.Binds {
		if b.Write {
			writable = append(writable, b.Path)
		}
	}
	return &confine.Confinement{Writable: writable}
}

// systemDirs hold the machine's programs and what they need; those that are not
// there are left out. /nix and /gnu are NixOS's and Guix's.
func systemDirs() []string {
	return []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix", "/gnu"}
}

// newRoom is the room of a lab with these binds, started in dir with
// this PATH.
func newRoom(dir, path string, binds []Bind) room {
	r := room{Dir: dir, Binds: slices.Clone(binds)}
	for _, d := range programDirs(path, systemDirs()) {
		r.Binds = append(r.Binds, Bind{Path: d, Optional: true})
	}
	slices.SortStableFunc(r.Binds, func(a, b Bind) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), compareBool(b.Write, a.Write), compareBool(a.Optional, b.Optional))
	})
	r.Binds = slices.CompactFunc(r.Binds, func(a, b Bind) bool { return a.Path == b.Path })
	return r
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// openPath opens what is to be bound, as a name only.
func (b Bind) openPath() (fd int, err error) {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC}
	if b.Real {
		how.Resolve = unix.RESOLVE_NO_SYMLINKS
	}
	fd, err = unix.Openat2(unix.AT_FDCWD, b.Path, &how)
	if errors.Is(err, unix.ENOSYS) { // before Linux 5.6
		fd, err = unix.Open(b.Path, unix.O_PATH|unix.O_CLOEXEC, 0)
	}
	return fd, err
}

// programDirs are the directories of PATH that the system's do not hold, by their
// real names, but for those in a home directory: they are a person's.
func programDirs(path string, system []string) []string {
	mine, _ := filepath.EvalSymlinks(os.Getenv("HOME"))
	homes := []string{mine, "/home", "/root"}
	var dirs []string
	for _, d := range filepath.SplitList(path) {
		if !filepath.IsAbs(d) {
			continue
		}
		for _, p := range []string{filepath.Clean(d), target(d)} {
			if len(p) > 1 && !below(p+"/", system) && !below(p+"/", homes) && isDir(p) {
				dirs = append(dirs, p)
			}
		}
	}
	return dirs
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
