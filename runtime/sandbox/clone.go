package sandbox

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const namespaces = unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWPID

// self is this binary even when its path is hidden by the sandbox's /tmp or was
// replaced since (proc_pid_exe(5)).
const self = "/proc/self/exe"

// opClone names the step in errors; see Explain.
const opClone = "clone"

// clone starts this binary in new namespaces and returns its PID.
//
// A caller who may not create user namespaces but may create the others
// (CAP_SYS_ADMIN) gets a sandbox without one.
func clone(argv, env []string, files []uintptr) (int, error) {
	attr := &syscall.ProcAttr{Env: env, Files: files, Sys: withUserNS()}
	pid, err := syscall.ForkExec(self, argv, attr)
	if refusal(err) && holds(unix.CAP_SYS_ADMIN) {
		attr.Sys = &syscall.SysProcAttr{Cloneflags: namespaces, Pdeathsig: syscall.SIGKILL}
		pid, err = syscall.ForkExec(self, argv, attr)
	}
	return pid, os.NewSyscallError(opClone, err)
}

// withUserNS asks for all namespaces in one clone(2), so that the kernel makes
// the user namespace first and the others are owned by it.
func withUserNS() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWUSER | namespaces,
		Pdeathsig:  syscall.SIGKILL,
	}
	if holds(unix.CAP_SETUID) && holds(unix.CAP_SETGID) && os.Geteuid() == 0 {
		uids, errU := identity("/proc/self/uid_map")
		gids, errG := identity("/proc/self/gid_map")
		if errors.Join(errU, errG) == nil {
			attr.UidMappings, attr.GidMappings = uids, gids
			attr.GidMappingsEnableSetgroups = true
			return attr
		}
	}
	attr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
	attr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	return attr
}

// identity maps every ID that this process's own user namespace has to itself,
// so that a program that changes to www-data works inside. The file's
// lines are "inside outside count" (user_namespaces(7)).
func identity(path string) ([]syscall.SysProcIDMap, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var maps []syscall.SysProcIDMap
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
		maps = append(maps, syscall.SysProcIDMap{ContainerID: first, HostID: first, Size: count})
	}
	return maps, nil
}

// holds reports whether the calling thread's effective set has the capability
// (capget(2)).
func holds(capability uint) bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return false
	}
	return data[capability/32].Effective&(1<<(capability%32)) != 0
}
