package sandbox

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// forbid makes a system call fail with EPERM in this process and what it starts
// from now on, as a container's filter does (seccomp(2)): "clone" with a new
// network namespace, or "mount".
func forbid(call string) error {
	number, flag := uint32(unix.SYS_MOUNT), uint32(0)
	if call == "clone" {
		number, flag = unix.SYS_CLONE, unix.CLONE_NEWNET
	}
	const nr, firstArgument = 0, 16 // offsets in struct seccomp_data, little-endian
	allow := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW}
	deny := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)}
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	program := []unix.SockFilter{
		load(nr),
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: number, Jf: 3},
		load(firstArgument),
		{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: flag},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: flag, Jt: 1},
		allow,
		deny,
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	fprog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&fprog)))
	if errno != 0 {
		return fmt.Errorf("seccomp: %w", errno)
	}
	return nil
}
