package confine

import (
	"slices"

	"golang.org/x/sys/unix"
)

// newNamespaces are the flags of clone(2) and unshare(2) for every namespace.
const newNamespaces = unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET |
	unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWTIME

// labFilter is what the system calls of the whole lab meet, nsl's own as well.
func labFilter() program {
	c := calls{}
	c.answer(eperm, forbidden()...)
	c.answer(enosys, missing()...)
	return c.program()
}

// programFilter is what those of programs meet before. OneID: the lab has no user but root.
func programFilter(r Role, oneID bool) program {
	c := calls{}
	c.answer(enosys, unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT,
		unix.SYS_CLONE3) // its flags are where no filter can see them
	c.decide(unix.SYS_CLONE, func(p *program) {
		p.low(0)
		p.retIfAny(newNamespaces&^unix.CLONE_NEWTIME, eperm) // that bit is a part of the exit signal here
		p.ret(allow)
	})
	c.decide(unix.SYS_SOCKET, families)
	c.decide(unix.SYS_IOCTL, terminals)
	c.namespaces(r)
	if oneID {
		c.identities()
	}
	return c.program()
}

// identities is for labs with one user, root: a program that becomes another one, or
// gives a file to one, as tcpdump does, stays root and goes on. The kernel would refuse
// (user_namespaces(7)).
func (c calls) identities() {
	c.answer(done, unix.SYS_SETGROUPS)
	c.others(0, unix.SYS_SETUID, unix.SYS_SETGID, unix.SYS_SETREUID, unix.SYS_SETREGID, unix.SYS_SETRESUID, unix.SYS_SETRESGID)
	c.others(1, append(chownHere(), unix.SYS_FCHOWN)...)
	c.others(2, unix.SYS_FCHOWNAT)
}

// others answers calls whose argument is an ID other than root's.
func (c calls) others(arg uint32, numbers ...uint32) {
	for _, n := range numbers {
		c.decide(n, func(p *program) {
			p.low(arg)
			p.retIf(0, allow)
			p.retIf(unchanged, allow)
			p.ret(done)
		})
	}
}

// unchanged is the ID that leaves an ID as it is (setresuid(2), chown(2)).
const unchanged = 1<<32 - 1

// namespaces is about ip-netns(8): an administrator may make network and mount
// namespaces, enter those of networks, and mount what needs no options. A mount
// that is there cannot be changed or moved.
func (c calls) namespaces(r Role) {
	if r != Administrator {
		c.answer(eperm, unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_MOUNT, unix.SYS_UMOUNT2)
		return
	}
	c.decide(unix.SYS_UNSHARE, func(p *program) {
		p.low(0)
		p.retIfAny(newNamespaces&^(unix.CLONE_NEWNET|unix.CLONE_NEWNS), eperm)
		p.ret(allow)
	})
	c.decide(unix.SYS_SETNS, func(p *program) {
		p.low(1)
		p.retIf(unix.CLONE_NEWNET, allow)
		p.ret(eperm)
	})
	c.decide(unix.SYS_MOUNT, func(p *program) {
		p.low(3)
		p.retIfAny(unix.MS_REMOUNT|unix.MS_MOVE, eperm)
		for _, half := range []func(uint32){p.low, p.high} {
			half(4)
			p.unless(0)
			p.ret(eperm)
		}
		p.ret(allow)
	})
}

// families are the sockets of a network, and those of programs among themselves.
func families(p *program) {
	p.low(0)
	for _, f := range []uint32{unix.AF_UNIX, unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK, unix.AF_PACKET} {
		p.retIf(f, allow)
	}
	p.ret(nofamily)
}

// terminals takes away the requests that type into a terminal (ioctl_tty(2),
// ioctl_console(2)). The kernel looks at the lower half of a request only.
func terminals(p *program) {
	p.low(1)
	p.retIf(unix.TIOCSTI, eperm)
	p.retIf(tioclinux, eperm)
	p.ret(allow)
}

const tioclinux = 0x541c

// forbidden are refused: what looks into other processes, what changes the
// machine, and what large parts of the kernel are reached through.
func forbidden() []uint32 {
	return slices.Concat(forbiddenHere(), []uint32{
		unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PROCESS_MADVISE,
		unix.SYS_PIDFD_GETFD, unix.SYS_KCMP, unix.SYS_MOVE_PAGES, unix.SYS_MIGRATE_PAGES,
		unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD,
		unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_FANOTIFY_INIT, unix.SYS_FANOTIFY_MARK,
		unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE,
		unix.SYS_KEXEC_LOAD, unix.SYS_KEXEC_FILE_LOAD, unix.SYS_REBOOT,
		unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_ACCT, unix.SYS_QUOTACTL, unix.SYS_QUOTACTL_FD, unix.SYS_SYSLOG,
		unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_ADJTIMEX, unix.SYS_CLOCK_ADJTIME,
		unix.SYS_PIVOT_ROOT, unix.SYS_VHANGUP, unix.SYS_LOOKUP_DCOOKIE,
	})
}

// missing are as on a kernel that was built without them, where programs know
// another way, or say what they lack.
func missing() []uint32 {
	return []uint32{
		unix.SYS_OPEN_TREE, unix.SYS_MOVE_MOUNT, unix.SYS_FSPICK,
		unix.SYS_MOUNT_SETATTR, sysOpenTreeAttr,
		unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
		unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL,
		unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_SHMCTL, unix.SYS_SHMDT,
		unix.SYS_SEMGET, unix.SYS_SEMOP, unix.SYS_SEMCTL, unix.SYS_SEMTIMEDOP,
		unix.SYS_MSGGET, unix.SYS_MSGSND, unix.SYS_MSGRCV, unix.SYS_MSGCTL,
	}
}

// sysOpenTreeAttr is Linux 6.15's open_tree_attr, the same number everywhere.
const sysOpenTreeAttr = 467
