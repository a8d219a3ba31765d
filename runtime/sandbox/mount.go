package sandbox

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const safe = unix.MS_NOSUID | unix.MS_NODEV

// opMount begins the names of mount steps in errors; see Explain.
const opMount = "mount "

func mount(source, target, kind string, flags uintptr, data string) error {
	return os.NewSyscallError(opMount+target, unix.Mount(source, target, kind, flags, data))
}

// mountAll gives a trusted lab, whose root is the machine's, file systems of its
// own at /proc, /sys, /run and /tmp. Each note is one that the kernel refused and
// the lab can do without.
func mountAll() (notes []string, err error) {
	defer unix.Umask(unix.Umask(forAll))
	if err := mountProc("/proc"); err != nil {
		return nil, err
	}
	notes = mountSys("/sys")
	run, tmp := target("/run"), target("/tmp")
	keep, notes := keepBelow([]string{run, tmp}, notes)
	defer keep.close()
	if err := mount("tmpfs", run, "tmpfs", safe, "mode=755"); err != nil {
		return notes, err
	}
	if err := mount("tmpfs", tmp, "tmpfs", safe, "mode=1777"); err != nil {
		return notes, err
	}
	// The parent of the names of "ip netns" (ip-netns(8)).
	if err := makeDir(filepath.Join(run, "netns")); err != nil {
		return notes, err
	}
	return keep.restore(notes)
}

// mountProc shows the processes of the new PID namespace only. The kernel
// refuses it where parts of the present /proc are covered, as in a container
// (user_namespaces(7), "mount point may not be revealed"). A lab needs it: the settings of
// its networks are there, which are read-only in such a /proc.
func mountProc(at string) error {
	return mount("proc", at, "proc", safe|unix.MS_NOEXEC, "")
}

// mountSys shows the new network namespace's interfaces under /sys/class/net
// (network_namespaces(7)). A read-only one is allowed where only such exist.
func mountSys(at string) []string {
	err := mount("sysfs", at, "sysfs", safe|unix.MS_NOEXEC, "")
	if err != nil {
		err = mount("sysfs", at, "sysfs", safe|unix.MS_NOEXEC|unix.MS_RDONLY, "")
	}
	if err == nil {
		return nil
	}
	keepMount("/sys", at)
	return []string{"the machine's /sys stays: /sys/class/net shows its interfaces, not the lab's (" + err.Error() + ")"}
}

// keepMount shows what the machine has at another place, where there can be no
// other.
func keepMount(path, at string) {
	if path != at {
		// What is missing is seen when it is used.
		_ = mount(path, at, "", unix.MS_BIND|unix.MS_REC, "")
	}
}

// target is the directory behind a symbolic link.
func target(path string) string {
	if p, err := filepath.EvalSymlinks(path); err == nil {
		return p
	}
	return path
}

// forAll is the umask while directories are made that everyone may read. Afterwards
// it is the user's again, for the programs of the lab.
const forAll = 0o022

// makeDir makes the directory and its parents.
func makeDir(path string) error {
	if err := os.Mkdir(path, 0o755); err != nil {
		switch {
		case errors.Is(err, os.ErrExist):
			return nil
		case !errors.Is(err, os.ErrNotExist):
			return err
		}
		if err := makeDir(filepath.Dir(path)); err != nil {
			return err
		}
		return os.Mkdir(path, 0o755)
	}
	return nil
}
