package confine

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_X86_64

// x32 is the bit in the numbers of the x32 ABI, which the kernel says are of the
// same architecture.
const x32 = 0x40000000

// otherABI is for numbers that mean the same calls once more.
func (p *program) otherABI() {
	p.jump(unix.BPF_JGE, x32)
	p.ret(enosys)
}

// forbiddenHere are the calls of this architecture alone.
func forbiddenHere() []uint32 {
	return []uint32{unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_MODIFY_LDT, unix.SYS_USELIB, unix.SYS__SYSCTL,
		unix.SYS_CREATE_MODULE, unix.SYS_GET_KERNEL_SYMS, unix.SYS_QUERY_MODULE, unix.SYS_NFSSERVCTL}
}

// chownHere are the calls of this architecture that give a file to a user, whose ID is
// their second argument.
func chownHere() []uint32 { return []uint32{unix.SYS_CHOWN, unix.SYS_LCHOWN} }
