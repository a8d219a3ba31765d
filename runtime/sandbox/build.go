package sandbox

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

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
	b.writable("/var", 0o755)
	made := b.aside((*builder).files)
	b.writable("/tmp", 0o1777)
	b.writable("/run", 0o755)
	b.writable("/dev/shm", 0o1777)
	b.directories("/proc", "/sys", "/mnt", "/home", home)
	b.devices()
	b.putAll(b.system)
	b.do(made())
	b.putAll(b.binds)
	b.dirOf(r)
	b.file(blank)
	b.do(readOnly(b.at, false))
	// What of the machine's network these say is not the lab's.
	b.empty("/etc/hosts", "/etc/resolv.conf")
	return b.err
}

// builder builds a room. After the first error it does nothing. No link of the
// room is absolute: until the room is the root it would lead out of it.
type builder struct {
	at string
	// scratch: what is written to /etc is in memory.
	scratch bool
	// system are the machine's programs, binds what else the lab has of it.
	system, binds []place
	err           error
}

// aside builds a part of the room at the same time, where nothing else is built
// meanwhile. It returns how to wait for its end.
func (b *builder) aside(part func(*builder)) (wait func() error) {
	other, done := &builder{at: b.at, err: b.err}, make(chan struct{})
	go func() {
		defer close(done)
		part(other)
	}()
	return func() error {
		<-done
		return other.err
	}
}

func (b *builder) do(err error) {
	if b.err == nil {
		b.err = err
	}
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

// files makes what servers expect below /var.
func (b *builder) files() {
	b.directories("/var/mail", "/var/tmp")
	b.namesOf("/var/lib", "/var/log", "/var/cache", "/var/spool")
	b.link("../run", "/var/run")
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

// blank is an empty file.
const blank = "/.empty"

// empty covers files of the machine with the blank one, which is as its mount is.
func (b *builder) empty(paths ...string) {
	for _, p := range paths {
		end, err := filepath.EvalSymlinks(b.at + p)
		if b.err == nil && err == nil && end == b.at+p {
			b.do(mount(b.at+blank, end, "", unix.MS_BIND, ""))
		}
	}
}
