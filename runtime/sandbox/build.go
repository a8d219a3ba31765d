package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// roomSize is how much all programs of a lab may write, for what they write is in
// memory.
const roomSize = "size=512m,nr_inodes=200k"

// site is the directory that a room is built at, until it becomes the root: any
// that every machine has.
func site() string {
	if at := target("/tmp"); isDir(at) {
		return at
	}
	return target("/run")
}

// build builds the room at its site. The calling process is in a user and mount
// namespace of its own, from which the lab's will be made: there, nothing of the
// room can be unmounted, or made writable that is not (mount_namespaces(7),
// "locked").
func (r room) build() error {
	if err := mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil || r.Trusted {
		return err
	}
	defer unix.Umask(unix.Umask(forAll))
	b := builder{at: site(), scratch: r.Scratch}
	defer b.close()
	b.hold(r)
	b.do(mount("tmpfs", b.at, "tmpfs", safe, "mode=755,"+roomSize))
	b.writable("/tmp", 0o1777)
	b.writable("/run", 0o755)
	b.writable("/var", 0o755)
	b.writable("/dev/shm", 0o1777)
	b.directories("/proc", "/sys", "/mnt", "/home", home, "/var/mail", "/var/tmp")
	b.namesOf("/var/lib", "/var/log", "/var/cache", "/var/spool")
	b.link("../run", "/var/run")
	b.devices()
	for _, s := range b.places {
		b.put(s)
	}
	// What of the machine's network these say is not the lab's.
	b.empty("/etc/hosts", "/etc/resolv.conf")
	b.dirOf(r)
	b.do(readOnly(b.at, false))
	return b.err
}

// builder builds a room. After the first error it does nothing. No link of the
// room is absolute: until the room is the root it would lead out of it.
type builder struct {
	at string
	// scratch: what is written to /etc is in memory.
	scratch bool
	places  []place
	err     error
}

// place is something of the machine that was opened before the room covers it.
type place struct {
	Bind
	fd   int
	link string // where it leads, for a symbolic link of the system's
	dir  bool
}

func (b *builder) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

// hold opens what the room has of the machine.
func (b *builder) hold(r room) {
	for _, dir := range systemDirs() {
		if end := target(dir); end != dir && below(end, systemDirs()) {
			b.places = append(b.places, place{Bind: Bind{Path: dir}, link: strings.TrimPrefix(end, "/")})
			continue
		}
		b.open(Bind{Path: dir, Optional: true})
	}
	for _, p := range r.Binds {
		b.open(p)
	}
}

// open opens a place.
func (b *builder) open(p Bind) {
	fd, err := p.tree, error(nil)
	if fd == 0 {
		fd, err = p.openPath()
	}
	if p.Optional && (errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EACCES)) {
		return
	}
	var st unix.Stat_t
	if err == nil {
		err = unix.Fstat(fd, &st)
	}
	if err != nil {
		b.do(fmt.Errorf("%s: %w", p.Path, err))
		return
	}
	b.places = append(b.places, place{Bind: p, fd: fd, dir: st.Mode&unix.S_IFMT == unix.S_IFDIR})
}

func (b *builder) close() {
	for _, s := range b.places {
		if s.link == "" {
			// A descriptor that only names a place has nothing to lose in close.
			_ = unix.Close(s.fd)
		}
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

// writable makes a directory that can be written when the rest of the room cannot.
func (b *builder) writable(path string, mode uint32) {
	b.directory(path)
	if b.err == nil {
		b.do(os.NewSyscallError("chmod", unix.Chmod(b.at+path, mode)))
		b.do(mount(b.at+path, b.at+path, "", unix.MS_BIND, ""))
	}
}

// dirOf makes the working directory, empty but for what the room has of it. It
// cannot be written even where the lab has its own files around it, so that no
// file that a person misses later is written to it.
func (b *builder) dirOf(r room) {
	if r.Dir == "" {
		return
	}
	b.directory(r.Dir)
	own := []string{"/tmp", "/run", "/var", "/var/tmp", "/dev/shm", "/", home}
	if b.err != nil || slices.Contains(own, r.Dir) || r.has(r.Dir) {
		return
	}
	if r.Scratch {
		b.writable(r.Dir, 0o755)
		return
	}
	b.do(mount(b.at+r.Dir, b.at+r.Dir, "", unix.MS_BIND|unix.MS_REC, ""))
	if b.err == nil {
		b.do(readOnly(b.at+r.Dir, false))
	}
}

func (b *builder) directories(paths ...string) {
	for _, p := range paths {
		b.directory(p)
	}
}

// directory makes a directory and its parents, unless it is there.
func (b *builder) directory(path string) {
	if b.err == nil {
		b.do(makeDir(b.at + path))
	}
}

// namesOf makes directories with the names of those that they have on the machine,
// empty: servers expect their own to be there.
func (b *builder) namesOf(dirs ...string) {
	for _, dir := range dirs {
		b.directory(dir)
		entries, _ := os.ReadDir(dir) // none where it may not be read
		for _, e := range entries {
			if e.IsDir() {
				b.directory(filepath.Join(dir, e.Name()))
			}
		}
	}
}

func (b *builder) link(to, path string) {
	if b.err != nil {
		return
	}
	if err := os.Symlink(to, b.at+path); !errors.Is(err, fs.ErrExist) {
		b.do(err)
	}
}

// file makes an empty file for something to be mounted on.
func (b *builder) file(path string) {
	if b.err != nil {
		return
	}
	err := unix.Mknod(b.at+path, unix.S_IFREG|0o644, 0)
	if errors.Is(err, unix.EEXIST) || errors.Is(err, unix.EROFS) || errors.Is(err, unix.EACCES) {
		return // it is there, perhaps in a directory of the machine's
	}
	b.do(os.NewSyscallError("mknod "+path, err))
}

// devices makes /dev: what programs that know nothing of hardware need.
func (b *builder) devices() {
	b.directories("/dev/pts", "/dev/net", "/dev/mqueue")
	for _, name := range []string{"null", "zero", "full", "random", "urandom", "tty", "net/tun"} {
		path := "/dev/" + name
		fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			continue // a machine without it has labs without it
		}
		b.file(path)
		b.do(mount("/proc/self/fd/"+strconv.Itoa(fd), b.at+path, "", unix.MS_BIND, ""))
		_ = unix.Close(fd)
	}
	for name, to := range map[string]string{
		"ptmx": "pts/ptmx", "fd": "../proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2",
	} {
		b.link(to, "/dev/"+name)
	}
}

// empty covers files of the machine with empty ones.
func (b *builder) empty(paths ...string) {
	const blank = "/.empty"
	b.file(blank)
	for _, p := range paths {
		end, err := filepath.EvalSymlinks(b.at + p)
		if b.err == nil && err == nil && end == b.at+p {
			b.do(mount(b.at+blank, end, "", unix.MS_BIND, ""))
			b.do(protect(end, false))
		}
	}
}
