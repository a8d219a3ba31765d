package confine

import (
	"maps"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The offsets of struct seccomp_data (seccomp(2)); an argument is 64 bits, its
// lower half first.
const (
	offCall = 0
	offArch = 4
	offArgs = 16
)

// program is a filter of classic BPF.
type program []unix.SockFilter

const (
	allow  = unix.SECCOMP_RET_ALLOW
	eperm  = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	enosys = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	// The call is not made, and returns 0.
	done = unix.SECCOMP_RET_ERRNO
	// What a kernel without that family says (socket(2)).
	nofamily = unix.SECCOMP_RET_ERRNO | uint32(unix.EAFNOSUPPORT)
)

func (p *program) load(offset uint32) {
	*p = append(*p, unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset})
}

// low and high load the halves of an argument.
func (p *program) low(arg uint32)  { p.load(offArgs + 8*arg) }
func (p *program) high(arg uint32) { p.load(offArgs + 8*arg + 4) }

func (p *program) ret(action uint32) {
	*p = append(*p, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: action})
}

// jump skips an instruction unless the loaded value compares so.
func (p *program) jump(how uint16, k uint32) {
	*p = append(*p, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_K | how, K: k, Jf: 1})
}

// unless skips an instruction if the loaded value equals k.
func (p *program) unless(k uint32) {
	*p = append(*p, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_K | unix.BPF_JEQ, K: k, Jt: 1})
}

// retIf is "if the loaded value equals k, return action".
func (p *program) retIf(k, action uint32) {
	p.jump(unix.BPF_JEQ, k)
	p.ret(action)
}

// retIfAny is "if the loaded value has one of these bits, return action".
func (p *program) retIfAny(bits, action uint32) {
	p.jump(unix.BPF_JSET, bits)
	p.ret(action)
}

// calls are what is to be decided about system calls, by number. What is decided
// must return in each case.
type calls map[uint32]program

// decide decides about one call; body must return in each case.
func (c calls) decide(call uint32, body func(*program)) {
	var p program
	body(&p)
	c[call] = p
}

// answer decides about calls whatever their arguments are.
func (c calls) answer(action uint32, numbers ...uint32) {
	for _, n := range numbers {
		c.decide(n, func(p *program) { p.ret(action) })
	}
}

// program is the filter that decides so.
func (c calls) program() program {
	var p program
	p.load(offArch)
	p.unless(auditArch)
	p.ret(enosys) // the numbers are those of one instruction set
	p.load(offCall)
	p.otherABI()
	p.choose(c, slices.Sorted(maps.Keys(c)))
	return p
}

// choose decides about the number that is loaded, and allows what is none of the
// calls. It halves them with each step: the kernel tries a filter with every
// number when it is installed, which a hundred comparisons one after the other
// would make the longest part of starting a program.
func (p *program) choose(c calls, numbers []uint32) {
	if len(numbers) > 2 {
		half := len(numbers) / 2
		var low, high program
		low.choose(c, numbers[:half])
		high.choose(c, numbers[half:])
		*p = append(*p, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_K | unix.BPF_JGE, K: numbers[half], Jt: uint8(len(low))})
		*p = slices.Concat(*p, low, high)
		return
	}
	for _, n := range numbers {
		*p = append(*p, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_K | unix.BPF_JEQ, K: n, Jf: uint8(len(c[n]))})
		*p = append(*p, c[n]...)
	}
	p.ret(allow)
}

// install puts the calling thread under a filter, or with these flags all threads
// of the process (seccomp(2)).
func install(p program, flags uintptr) error {
	f := unix.SockFprog{Len: uint16(len(p)), Filter: &p[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&f)))
	if errno != 0 {
		return os.NewSyscallError("seccomp", errno)
	}
	return nil
}

// filters reports whether the kernel has filters: it looks at the address, which
// is none, before it refuses.
func filters() bool {
	return unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, 0, 0, 0) == unix.EFAULT
}
