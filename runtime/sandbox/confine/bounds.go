package confine

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Bounds are how much the programs of a lab may take; 0 is as much as the person may.
type Bounds struct {
	// Programs is how many processes and threads they may be, all together.
	Programs uint64
	// Files is how many files each may have open, and Memory how much memory of its own
	// each may have (bytes).
	Files, Memory uint64
}

// spare is how many processes and threads the lab's own process may have more than its
// programs: it has to go on when they have used up theirs.
const spare = 1024

// Lab bounds the calling process and what it starts, for programs that start others
// before [Bounds.Program] has bounded them.
func (b Bounds) Lab() error {
	if b.Programs == 0 || !CountsPrograms() {
		return nil
	}
	return lower(0, unix.RLIMIT_NPROC, b.Programs+spare)
}

// Program bounds a program that was just started.
func (b Bounds) Program(pid int) error {
	var err error
	if CountsPrograms() {
		err = lower(pid, unix.RLIMIT_NPROC, b.Programs)
	}
	err = errors.Join(err, lower(pid, unix.RLIMIT_NOFILE, b.Files), lower(pid, unix.RLIMIT_DATA, b.Memory))
	if errors.Is(err, unix.ESRCH) {
		return nil // it has ended
	}
	return err
}

// LimitNamespaces bounds how many namespaces there may be in the lab's user namespace
// (namespaces(7)): of networks those of so many nodes, twice for those that were deleted and
// may have to be restored, and no further user namespaces. That programs make none is up to
// their filters; where the settings cannot be written, these are all there is.
func LimitNamespaces(nodes uint64) {
	const others = 1024 // of ip netns add
	for setting, most := range map[string]uint64{"user": 0, "cgroup": 0, "time": 0, "net": 2*nodes + others} {
		fd, err := unix.Open("/proc/sys/user/max_"+setting+"_namespaces", unix.O_WRONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			_, _ = unix.Write(fd, strconv.AppendUint(nil, most, 10))
			_ = unix.Close(fd)
		}
	}
}

// lower lowers a limit of a process, for good.
func lower(pid, resource int, most uint64) error {
	if most == 0 {
		return nil
	}
	var is unix.Rlimit
	if err := unix.Prlimit(pid, resource, nil, &is); err != nil {
		return os.NewSyscallError("prlimit", err)
	}
	is.Cur, is.Max = min(is.Cur, most), min(is.Max, most)
	return os.NewSyscallError("prlimit", unix.Prlimit(pid, resource, &is, nil))
}

// CountsPrograms reports whether RLIMIT_NPROC counts the processes of this user namespace,
// as since Linux 5.14, and not all of the user's.
func CountsPrograms() bool {
	var name unix.Utsname
	var major, minor int
	if err := unix.Uname(&name); err != nil {
		return false
	}
	n, _ := fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d", &major, &minor)
	return n == 2 && (major > 5 || major == 5 && minor >= 14)
}
