package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// place is something of the machine that was opened before the room covers it.
type place struct {
	Bind
	fd   int
	link string // where it leads, for a symbolic link of the system's
	dir  bool
}

// hold opens what the room has of the machine.
func (b *builder) hold(r room) {
	for _, dir := range systemDirs() {
		if end := target(dir); end != dir && below(end, systemDirs()) {
			b.system = append(b.system, place{Bind: Bind{Path: dir}, link: strings.TrimPrefix(end, "/")})
			continue
		}
		b.system = b.open(b.system, Bind{Path: dir, Optional: true})
	}
	for _, p := range r.Binds {
		b.binds = b.open(b.binds, p)
	}
}

// open opens a place and appends it.
func (b *builder) open(places []place, p Bind) []place {
	fd, err := p.tree, error(nil)
	if fd == 0 {
		fd, err = p.openPath()
	}
	if p.Optional && (errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EACCES)) {
		return places
	}
	var st unix.Stat_t
	if err == nil {
		err = unix.Fstat(fd, &st)
	}
	if err != nil {
		b.do(fmt.Errorf("%s: %w", p.Path, err))
		return places
	}
	return append(places, place{Bind: p, fd: fd, dir: st.Mode&unix.S_IFMT == unix.S_IFDIR})
}

func (b *builder) close() {
	for _, s := range slices.Concat(b.system, b.binds) {
		if s.link == "" {
			// A descriptor that only names a place has nothing to lose in close.
			_ = unix.Close(s.fd)
		}
	}
}

func (b *builder) putAll(places []place) {
	for _, s := range places {
		b.put(s)
	}
}

// put puts a place where it is on the machine.
func (b *builder) put(s place) {
	switch {
	case b.err != nil:
	case s.link != "":
		b.link(s.link, s.Path)
	case s.dir:
		b.directory(s.Path)
		if !b.scratch || s.Path != "/etc" || !b.overlay(s) {
			b.bind(s)
		}
	default:
		b.directory(filepath.Dir(s.Path))
		b.file(s.Path)
		b.bind(s)
	}
}

// bind mounts what is open, with everything that is mounted below it.
func (b *builder) bind(s place) {
	at := b.at + s.Path
	switch {
	case b.err != nil:
		return
	case s.tree != 0:
		err := unix.MoveMount(s.tree, "", unix.AT_FDCWD, at, unix.MOVE_MOUNT_F_EMPTY_PATH)
		b.do(os.NewSyscallError("move_mount "+at, err))
	default:
		b.do(mount("/proc/self/fd/"+strconv.Itoa(s.fd), at, "", unix.MS_BIND|unix.MS_REC, ""))
	}
	if b.err == nil {
		b.do(protect(at, s.Write))
	}
}

// overlay mounts a directory of the machine's so that it may be written, in memory; it
// reports whether the kernel can (overlayfs in user namespaces is of Linux 5.11).
func (b *builder) overlay(s place) bool {
	upper, work := b.at+"/.upper"+s.Path, b.at+"/.work"+s.Path
	b.directories("/.upper"+s.Path, "/.work"+s.Path)
	for _, name := range []string{"sysctl.conf", "iproute2/rt_tables"} { // which scripts append to
		text, err := os.ReadFile(s.Path + "/" + name)
		if err == nil {
			b.directory(filepath.Dir("/.upper" + s.Path + "/" + name))
			_ = os.WriteFile(upper+"/"+name, text, 0o644) //nolint:gosec // programs of any user read it
		}
	}
	if b.err != nil {
		return false
	}
	return mount("overlay", b.at+s.Path, "overlay", safe,
		"lowerdir=/proc/self/fd/"+strconv.Itoa(s.fd)+",upperdir="+upper+",workdir="+work+",userxattr") == nil
}
