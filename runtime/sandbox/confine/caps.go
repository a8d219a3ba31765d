package confine

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// capabilities are those that programs keep: over the lab's files, users and
// networks, which are all in its own namespaces.
func capabilities(r Role) uint64 {
	var set uint64
	for _, c := range []uint{
		unix.CAP_CHOWN, unix.CAP_DAC_OVERRIDE, unix.CAP_FOWNER, unix.CAP_FSETID, unix.CAP_KILL,
		unix.CAP_SETGID, unix.CAP_SETUID, unix.CAP_SETPCAP, unix.CAP_SYS_CHROOT,
		unix.CAP_NET_ADMIN, unix.CAP_NET_BIND_SERVICE, unix.CAP_NET_BROADCAST, unix.CAP_NET_RAW,
	} {
		set |= 1 << c
	}
	if r == Administrator {
		set |= 1 << unix.CAP_SYS_ADMIN
	}
	return set
}

// bound takes all other capabilities out of the thread's bounding set, for the
// programs that it executes.
func bound(keep uint64) error {
	for c := range uintptr(64) {
		if keep&(1<<c) != 0 {
			continue
		}
		err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0)
		if errors.Is(err, unix.EINVAL) {
			return nil // the kernel knows no more (capabilities(7))
		}
		if err != nil {
			return os.NewSyscallError("prctl", err)
		}
	}
	return nil
}
