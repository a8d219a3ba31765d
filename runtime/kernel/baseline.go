package kernel

import (
	"errors"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// baseline writes all settings on one visit.
func (w *World) baseline(node string) error {
	w.sys.mu.Lock()
	defer w.sys.mu.Unlock()
	settings, fresh := w.sys.wanting(node)
	if fresh && w.sys.hasBaseline {
		return nil
	}
	var differed []plan.Setting
	err := w.Inside(node, func() (err error) {
		differed, err = w.sys.proc.writeAll(settings)
		return err
	})
	if err == nil && fresh {
		w.sys.differs = &differed
	}
	return err
}

// writeAll writes settings into the namespace of the calling thread, on one
// visit, and returns which were not so before.
func (p *procMount) writeAll(settings []plan.Setting) (differed []plan.Setting, err error) {
	tree := sysctlTree{}
	defer tree.close()
	at, dir := p.visit()
	if err := tree.open(at, dir); err != nil {
		return nil, err
	}
	return tree.writeAll(settings)
}

// writeAll writes what is not so yet, and returns it. A setting that
// this kernel does not have is left out.
func (t sysctlTree) writeAll(settings []plan.Setting) (differed []plan.Setting, err error) {
	for _, s := range settings {
		path, err := sysctlPath(s.Key)
		if err != nil {
			return nil, err
		}
		changed, err := t.write(path, s.Value)
		if err = noSysctl(s.Key, err); err != nil && !errors.Is(err, plan.ErrNoSysctl) {
			return nil, err
		}
		if changed {
			differed = append(differed, s)
		}
	}
	return differed, nil
}

// sysctls remembers what has to be written into new namespaces.
type sysctls struct {
	mu   sync.Mutex
	proc procMount

	// fresh is a namespace that was just made and has been given nothing yet,
	// unless it got its baseline in advance. All such begin alike, so what the first
	// one's settings differ in is what the others' do: reading 25 of them a
	// thousand times would cost 0.2 s.
	fresh       string
	hasBaseline bool
	differs     *[]plan.Setting // nil until the first
}

// made notes that a namespace was just made, and whether it has its settings.
func (s *sysctls) made(name string, hasBaseline bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fresh, s.hasBaseline = name, hasBaseline
}

// Changed is for when something else than an op, as a program, may have changed
// the host's settings, or deleted a node: its namespace ends when no one holds it.
func (w *World) Changed() {
	w.settingsChanged()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.indexes.forget()
	for name, h := range w.open {
		if id, err := w.lookup(name); err != nil || id != h.ID {
			_ = w.drop(h) // what a lookup finds wrong is said by what needs the node
		}
	}
}

// forget is for when new namespaces may begin otherwise: a kernel can be set
// to copy the settings of the namespace that makes them
// (net.core.devconf_inherit_init_net).
func (s *sysctls) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fresh, s.differs = "", nil
}

// wanting are the settings to write, and whether the node is a fresh one.
func (s *sysctls) wanting(node string) ([]plan.Setting, bool) {
	fresh := s.fresh == node && node != ""
	s.fresh = ""
	if fresh && s.differs != nil {
		return *s.differs, true
	}
	return plan.BaselineSettings(), fresh
}

// known are the settings that every new namespace has to be given; ok is false
// while no namespace has been asked.
func (s *sysctls) known() (settings []plan.Setting, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.differs == nil {
		return nil, false
	}
	return *s.differs, true
}

func (s *sysctls) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proc.close()
}

// visitsPerProc is how many namespaces share an instance of proc.
const visitsPerProc = 64

// procMount finds /proc/sys/net for one namespace after the other. In the
// kernel's cache the directories "ipv4" of all namespaces have one name and
// one parent, and each lookup walks past all of them: a thousand namespaces
// would cost 300 ms. So every few namespaces get an instance of proc of their
// own, mounted nowhere (fsmount(2), Linux 5.2); an older kernel, or one that
// refuses, gets on with /proc.
type procMount struct {
	mounted bool
	root    int // the instance, while one is mounted
	visits  int
	refused bool
}

// visit is where the settings are, as for openat(2).
func (p *procMount) visit() (at int, dir string) {
	if p.visits++; p.visits > visitsPerProc && !p.refused {
		p.renew()
	}
	if !p.mounted {
		return unix.AT_FDCWD, sysctlDir
	}
	return p.root, "sys/net"
}

// renew takes another instance; the old one stays when there is none.
func (p *procMount) renew() {
	root, err := mountProc()
	if err != nil {
		p.refused = true
		return
	}
	_ = p.close()
	p.root, p.mounted, p.visits = root, true, 0
}

func (p *procMount) close() error {
	if !p.mounted {
		return nil
	}
	p.mounted = false
	return unix.Close(p.root)
}

func mountProc() (int, error) {
	fs, err := unix.Fsopen("proc", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, err
	}
	defer func() { _ = unix.Close(fs) }()
	if err := unix.FsconfigCreate(fs); err != nil {
		return -1, err
	}
	return unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV|unix.MOUNT_ATTR_NOEXEC)
}

// sysctlTree holds the directories just below /proc/sys/net open, so that each
// is looked up once: those below them are one namespace's alone.
type sysctlTree map[string]int

// open opens the tree's root.
func (t sysctlTree) open(at int, dir string) error {
	fd, err := unix.Openat(at, dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err == nil {
		t[""] = fd
	}
	return err
}

// write sets a setting that is not so yet, and reports whether it did. Most are,
// and a few would have to wait for the lock that the kernel makes links under.
func (t sysctlTree) write(path, value string) (changed bool, err error) {
	dir, base, _ := strings.Cut(path, "/")
	at, err := t.dir(dir)
	if err != nil {
		return false, err
	}
	fd, err := unix.Openat(at, base, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return false, err
	}
	var buf [64]byte
	n, err := unix.Read(fd, buf[:])
	if err == nil && strings.TrimRight(string(buf[:max(n, 0)]), "\n") != value {
		_, err = unix.Pwrite(fd, []byte(value), 0)
		changed = true
	}
	return changed, errors.Join(err, unix.Close(fd))
}

// dir opens a directory of the root.
func (t sysctlTree) dir(name string) (int, error) {
	if fd, ok := t[name]; ok {
		return fd, nil
	}
	fd, err := unix.Openat(t[""], name, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err == nil {
		t[name] = fd
	}
	return fd, err
}

func (t sysctlTree) close() {
	for _, fd := range t {
		_ = unix.Close(fd)
	}
}
