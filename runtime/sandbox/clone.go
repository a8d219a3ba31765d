package sandbox

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// labNamespaces are the lab's, beside its user namespace.
const labNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWPID | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS

// self is this binary even when its path is hidden by the sandbox's /tmp or was
// replaced since (proc_pid_exe(5)).
const self = "/proc/self/exe"

// opClone names the step in errors; see Explain.
const opClone = "clone"

// cloneInit starts the sandbox's init in user and mount namespaces of its own,
// and returns its PID. A caller who may not create user namespaces but may create
// the others (CAP_SYS_ADMIN) gets an init without one, if it is trusted.
func cloneInit(argv, env []string, files []uintptr, trusted bool) (int, error) {
	attr := &syscall.ProcAttr{Env: env, Files: files, Sys: unprivileged()}
	if trusted {
		attr.Sys = ourselves()
	}
	attr.Sys.Cloneflags |= unix.CLONE_NEWUSER | unix.CLONE_NEWNS
	pid, err := syscall.ForkExec(self, argv, attr)
	if errors.Is(err, unix.EACCES) && !trusted {
		pid, err = forkCopy(argv, attr)
	}
	if trusted && refusal(err) && Holds(unix.CAP_SYS_ADMIN) {
		attr.Sys = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}
		attr.Sys.Pdeathsig = syscall.SIGKILL
		pid, err = syscall.ForkExec(self, argv, attr)
	}
	return pid, os.NewSyscallError(opClone, err)
}

// cloneLab starts the lab's first process in namespaces below the calling
// process's own.
func cloneLab(argv, env []string, files []uintptr) (int, error) {
	attr := &syscall.ProcAttr{Env: env, Files: files, Sys: ourselves()}
	attr.Sys.Cloneflags = labNamespaces
	// An init without a user namespace was not allowed one.
	if inUserNS() {
		attr.Sys.Cloneflags |= unix.CLONE_NEWUSER
	} else {
		attr.Sys = &syscall.SysProcAttr{Cloneflags: labNamespaces, Pdeathsig: syscall.SIGKILL}
	}
	pid, err := syscall.ForkExec(self, argv, attr)
	return pid, os.NewSyscallError(opClone, err)
}

// forkCopy is ForkExec of a copy of this binary, for a user who may not execute
// the file: root's own program, which no other user may read.
func forkCopy(argv []string, attr *syscall.ProcAttr) (int, error) {
	fd, err := unix.MemfdCreate("nsl", unix.MFD_CLOEXEC)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	file, err := os.ReadFile(self)
	if err != nil {
		return 0, err
	}
	path := "/proc/self/fd/" + strconv.Itoa(fd)
	if err := os.WriteFile(path, file, 0); err != nil {
		return 0, err
	}
	return syscall.ForkExec(path, argv, attr)
}

// ourselves maps this process's IDs to the same ones, or to root where it has but
// one that it may map.
func ourselves() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if mayMap() {
		uids, errU := readIDs("/proc/self/uid_map")
		gids, errG := readIDs("/proc/self/gid_map")
		if errors.Join(errU, errG) == nil {
			attr.UidMappings, attr.GidMappings = identity(uids), identity(gids)
			attr.GidMappingsEnableSetgroups = maySetGroups()
			return attr
		}
	}
	attr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
	attr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	return attr
}

// A lab that root runs has these IDs outside: a range that no user, container or
// service has ("unused" in systemd's UIDS-GIDS), or else the overflow ID.
const (
	foreignFirst = 1879048192
	foreignCount = 65536
	overflowID   = 65534
)

// unprivileged maps root, who may do anything, to users who own nothing on the
// machine. Other users keep their ID.
func unprivileged() *syscall.SysProcAttr {
	uids, errU := readIDs("/proc/self/uid_map")
	gids, errG := readIDs("/proc/self/gid_map")
	if !mayMap() || errors.Join(errU, errG) != nil {
		return ourselves()
	}
	var ids []syscall.SysProcIDMap
	switch {
	case uids.have(foreignFirst, foreignCount) && gids.have(foreignFirst, foreignCount):
		ids = []syscall.SysProcIDMap{{HostID: foreignFirst, Size: foreignCount}}
	case uids.have(overflowID, 1) && gids.have(overflowID, 1):
		ids = []syscall.SysProcIDMap{{HostID: overflowID, Size: 1}}
	default:
		return ourselves() // this root has no other ID: it is a user's own namespace
	}
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, UidMappings: ids, GidMappings: ids,
		GidMappingsEnableSetgroups: maySetGroups(), Credential: &syscall.Credential{NoSetGroups: !maySetGroups()}}
}

// mayMap reports whether this process may give a new user namespace more than one
// ID.
func mayMap() bool {
	return os.Geteuid() == 0 && Holds(unix.CAP_SETUID) && Holds(unix.CAP_SETGID)
}

// maySetGroups reports whether setgroups(2) works in this user namespace: what is
// denied in one cannot be allowed in those below.
func maySetGroups() bool {
	text, err := os.ReadFile("/proc/self/setgroups")
	return err != nil || strings.TrimSpace(string(text)) == "allow"
}

// idRange is a line of uid_map: IDs as this user namespace has them.
type idRange struct{ first, count int }

type idRanges []idRange

// have reports whether there are all of these IDs.
func (r idRanges) have(first, count int) bool {
	return slices.ContainsFunc(r, func(i idRange) bool { return i.first <= first && first+count <= i.first+i.count })
}

// readIDs reads the IDs of this process's user namespace. The file's lines are
// "inside outside count" (user_namespaces(7)).
func readIDs(path string) (idRanges, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var ids idRanges
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) != 3 {
			return nil, errors.New("unexpected line in " + path + ": " + line)
		}
		first, errF := strconv.Atoi(f[0])
		count, errC := strconv.Atoi(f[2])
		if err := errors.Join(errF, errC); err != nil {
			return nil, err
		}
		ids = append(ids, idRange{first, count})
	}
	return ids, nil
}

// identity maps every ID to itself, so that a program that changes to www-data
// works inside.
func identity(ids idRanges) []syscall.SysProcIDMap {
	var maps []syscall.SysProcIDMap
	for _, i := range ids {
		maps = append(maps, syscall.SysProcIDMap{ContainerID: i.first, HostID: i.first, Size: i.count})
	}
	return maps
}

// inUserNS reports whether this process is in another user namespace than its
// parent, as far as it can be seen: it is the init that cloneInit started.
func inUserNS() bool {
	own, err := os.Readlink("/proc/self/ns/user")
	above, errAbove := os.Readlink("/proc/" + strconv.Itoa(os.Getppid()) + "/ns/user")
	return err == nil && (errAbove != nil || own != above)
}

// Holds reports whether the calling thread's effective set has the capability
// (capget(2)).
func Holds(capability uint) bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return false
	}
	return data[capability/32].Effective&(1<<(capability%32)) != 0
}
