package engine_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"nsl/lang/diag"
	"nsl/runtime/labtest"
)

// scarceJob is a script in whose lab a system call has no descriptor left.
type scarceJob struct {
	Script string
	// Call is refused with Errno, if its first argument is Domain, or whatever that is.
	Call   uint32
	Domain int
	Errno  unix.Errno
}

// A lack of descriptors, of the process (EMFILE) or of the machine (ENFILE), is the machine's
// fault and names the statement and what it is about: never a verdict.
func TestNoDescriptorsLeft(t *testing.T) {
	labtest.NeedSandbox(t)
	const lab = "ns red blue\nlink red <-> blue 10.0.0.0/24\n"
	for name, job := range map[string]scarceJob{
		"ping":    {Script: "expect ping red -> blue", Call: unix.SYS_SOCKET, Domain: unix.AF_INET, Errno: unix.ENFILE},
		"no ping": {Script: "expect not ping red -> 10.0.0.9", Call: unix.SYS_SOCKET, Domain: unix.AF_INET, Errno: unix.EMFILE},
		"tcp":     {Script: "expect not tcp red -> blue:80", Call: unix.SYS_SOCKET, Domain: unix.AF_INET, Errno: unix.ENFILE},
		"udp":     {Script: "expect not udp red -> blue:53", Call: unix.SYS_SOCKET, Domain: unix.AF_INET, Errno: unix.EMFILE},
		"serve":   {Script: "serve http blue", Call: unix.SYS_SOCKET, Domain: unix.AF_INET6, Errno: unix.ENFILE},
		"capture": {Script: "capture red /tmp/x.pcapng", Call: unix.SYS_SOCKET, Domain: unix.AF_PACKET, Errno: unix.EMFILE},
		"exec":    {Script: "exec red true", Call: unix.SYS_PIPE2, Domain: -1, Errno: unix.ENFILE},
		"spawn":   {Script: "spawn red sleep 9", Call: unix.SYS_PIPE2, Domain: -1, Errno: unix.EMFILE},
		"ns":      {Script: "ns green", Call: unix.SYS_SOCKET, Domain: unix.AF_NETLINK, Errno: unix.ENFILE},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job.Script = lab + job.Script + "\n"
			arg, err := json.Marshal(job)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(strings.TrimSpace(labtest.InSandbox(t, "scarce", string(arg))))
		})
	}
}

// scarce runs inside the sandbox.
func scarce(arg string, out io.Writer) error {
	var job scarceJob
	if err := json.Unmarshal([]byte(arg), &job); err != nil {
		return err
	}
	r := &faultyRun{script: job.Script, at: -1}
	r.third = job.forbid
	err := r.run()
	if r.code != diag.ExitMachine || len(r.findings) != 1 {
		return fmt.Errorf("exit %d: %w", r.code, errors.Join(r.findings, err))
	}
	said := r.findings[0]
	if r.statement != 3 || said.Subject.Start < strings.LastIndex(strings.TrimSpace(job.Script), "\n") || !strings.Contains(said.Summary, ": ") || !strings.Contains(said.Summary, "too many open files") {
		return fmt.Errorf("it says: %w", r.findings)
	}
	fmt.Fprintln(out, r.findings)
	return nil
}

// forbid makes the call fail in all threads of the process, for good (seccomp(2)).
func (j scarceJob) forbid() error {
	const argument = 16 // struct seccomp_data
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: j.Call, Jt: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: argument},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: uint32(j.Domain), Jt: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(j.Errno)},
	}
	if j.Domain < 0 {
		program[2], program[1].Jt = program[6], 0
		program[1] = unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: j.Call, Jf: 1}
		program[3] = unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW}
		program = program[:4]
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	f := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	if _, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&f))); errno != 0 {
		return errno
	}
	return nil
}

// What the kernel does not say is not taken for what is not there.
func TestAnUnreadableLabIsNoVerdict(t *testing.T) {
	labtest.NeedSandbox(t)
	for _, statement := range []string{"expect ping red -> blue", "expect not ping red -> blue", "expect not link red:veth-red", "expect not addr red 10.0.0.1",
		"delete red:veth-red"} {
		t.Run(statement, func(t *testing.T) {
			t.Parallel()
			t.Log(strings.TrimSpace(labtest.InSandbox(t, "unreadable", statement)))
		})
	}
}

// unreadable runs inside the sandbox.
func unreadable(statement string, out io.Writer) error {
	r := &faultyRun{script: "ns red blue\nlink red <-> blue 10.0.0.0/24\n" + statement + "\n", at: -1}
	r.third = func() error { r.refused = unix.RTM_GETLINK; return nil }
	world := r.inLab() // which cannot be emptied
	if r.code != diag.ExitMachine || len(r.findings) == 0 {
		return fmt.Errorf("exit %d: %w", r.code, errors.Join(r.findings, world))
	}
	fmt.Fprintln(out, r.findings)
	return nil
}
