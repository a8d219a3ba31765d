package node

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// The files that a program sees as its node's own, as ip-netns(8) has it.
const (
	etcHosts  = "/etc/hosts"
	etcResolv = "/etc/resolv.conf"
)

// runDir is where the files of a run are kept.
const runDir = "/run"

// nodeFiles are the files of the nodes, in a directory of this world's own.
type nodeFiles struct {
	mu  sync.Mutex
	dir string
	// text is what was written last, by path.
	text map[string]string
}

// path is where a file of a node is kept; its directory is made.
func (f *nodeFiles) path(node, name string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dir == "" {
		dir, err := os.MkdirTemp(runDir, "nsl-")
		if err != nil {
			return "", err
		}
		// Programs may run as another user.
		if err := os.Chmod(dir, 0o755); err != nil {
			return "", err
		}
		f.dir, f.text = dir, map[string]string{}
	}
	dir := filepath.Join(f.dir, node)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	return filepath.Join(dir, name), nil
}

// write writes a file of a node in place: programs that have it mounted see the
// new text.
func (f *nodeFiles) write(node, name, text string) (string, error) {
	path, err := f.path(node, name)
	if err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.text[path] == text {
		return path, nil
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // programs of any user read it
		return "", err
	}
	f.text[path] = text
	return path, nil
}

func (f *nodeFiles) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dir == "" {
		return nil
	}
	dir := f.dir
	f.dir = ""
	return os.RemoveAll(dir)
}

// mounts are what a program finds at other places than the machine has it.
type mounts struct {
	node          string
	hosts, resolv string
}

// mountFiles writes a node's files.
func (n *State) mountFiles(node string) (mounts, error) {
	m := mounts{node: node}
	lines, err := n.Hosts(node)
	if err != nil {
		return m, err
	}
	resolver, err := n.Resolver(node)
	if err != nil {
		return m, err
	}
	if m.hosts, err = n.names.files.write(node, "hosts", plan.HostsFile(lines)); err != nil {
		return m, err
	}
	m.resolv, err = n.names.files.write(node, "resolv.conf", resolver.File())
	return m, err
}

// refreshFiles brings the files of nodes up to date in which a program runs.
func (n *State) refreshFiles() error {
	var errs []error
	for _, node := range n.services.programNodes() {
		if has, err := n.kernel.HasNode(node); err != nil || !has {
			continue
		}
		_, err := n.mountFiles(node)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// mount gives the calling thread a mount namespace of its own in which the
// node's files and its /sys are. The thread must end with what it is for.
//
// Mounts that are shared stay so, as that of the names of namespaces: what a
// program names there is seen by all (mount_namespaces(7)).
func (m mounts) mount() error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return os.NewSyscallError("unshare", err)
	}
	// What is mounted below / from here on must not travel.
	if err := unix.Mount("", "/", "", unix.MS_SLAVE, ""); err != nil {
		return os.NewSyscallError("mount", err)
	}
	if m.node != plan.Host {
		// Where it is refused the machine's stays (user_namespaces(7)).
		_ = unix.Mount("sysfs", "/sys", "sysfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	}
	return errors.Join(cover(etcHosts, m.hosts), cover(etcResolv, m.resolv))
}

// cover mounts a file over another. A machine that has no such file has no use
// for it; a link that leads into the sandbox's empty /run gets its end.
func cover(path, with string) error {
	end, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		if end, err = dangling(path); end == "" || err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return os.NewSyscallError("mount", unix.Mount(with, end, "", unix.MS_BIND, ""))
}

// dangling makes the file that a link below /run lacks.
func dangling(path string) (string, error) {
	to, err := os.Readlink(path)
	if err != nil {
		return "", nil //nolint:nilerr // there is no such file, and no link
	}
	if !filepath.IsAbs(to) {
		to = filepath.Join(filepath.Dir(path), to)
	}
	if !strings.HasPrefix(to, runDir+"/") {
		return "", nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return "", err
	}
	return to, os.WriteFile(to, nil, 0o644) //nolint:gosec // programs of any user read it
}
