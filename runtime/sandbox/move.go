package sandbox

import (
	"os"

	"golang.org/x/sys/unix"
)

// enterRoom makes the room this process's root, with the /proc and /sys of its
// own namespaces; what was the root is gone for this process and all that it
// starts. Notes are as mountAll's.
func enterRoom(dir string) (notes []string, err error) {
	defer unix.Umask(unix.Umask(forAll))
	at := site()
	// The room is mounted by a more privileged namespace, and a root cannot be.
	if err := mount(at, at, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return nil, err
	}
	// While the machine's are there to be seen: the kernel allows these two only
	// to a process that sees such already (user_namespaces(7)).
	if err := mountProc(at + "/proc"); err != nil {
		return nil, err
	}
	notes = mountSys(at + "/sys")
	// "ip netns exec" takes one away before it mounts that of its network
	// namespace, which it could not if no other was left.
	_ = mount(at+"/sys", at+"/sys", "", unix.MS_BIND, "")
	if err := mount("devpts", at+"/dev/pts", "devpts", unix.MS_NOSUID|unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620"); err != nil {
		return notes, err
	}
	if err := unix.Chdir(at); err != nil {
		return notes, os.NewSyscallError("chdir", err)
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return notes, os.NewSyscallError(opPivot, err)
	}
	// The old root lies over the new one now (pivot_root(2)).
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return notes, os.NewSyscallError("umount the old root", err)
	}
	if err := unix.Chdir("/"); err != nil {
		return notes, os.NewSyscallError("chdir", err)
	}
	// Where it is not there, what is relative is so to the root.
	_ = unix.Chdir(dir)
	return notes, makeDir("/run/netns")
}

// opPivot names the step in errors; see Explain.
const opPivot = "pivot_root"
