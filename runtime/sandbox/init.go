package sandbox

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// The sandbox's processes know what they are by their name: an environment
// variable would reach the programs they start.
const (
	initName  = "nsl-init"
	childName = "nsl-lab"
)

// Descriptors beyond the standard streams.
const (
	initLife     = 3
	initPayload  = 4
	initEvents   = 5
	childPayload = 3
	childEvents  = 4
)

// codeKilled is what the init's end looks like when it follows the supervisor's.
const codeKilled = 128 + int(syscall.SIGKILL)

// IsChild reports whether this process is inside a sandbox because Run started it.
// It must be asked before main does anything else.
func IsChild() bool {
	return len(os.Args) > 0 && (os.Args[0] == initName || os.Args[0] == childName)
}

// runInit is PID 1: it starts the child and returns its exit code once it ended.
// It reaps every orphan meanwhile.
func runInit() (int, error) {
	if os.Getpid() != 1 {
		return 0, errNoPayload
	}
	if err := keepDescriptors(); err != nil {
		return 0, err
	}
	// The supervisor asked before exec; asked again for kernels and security
	// modules that drop it there.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return 0, os.NewSyscallError("prctl", err)
	}
	nameProcess(initName)
	own := catch()
	told := make(chan syscall.Signal, 64)
	go watch(os.NewFile(initLife, "life"), told)
	argv := append([]string{childName}, os.Args[1:]...)
	files := []uintptr{0, 1, 2, initPayload, initEvents}
	child, err := syscall.ForkExec(self, argv, &syscall.ProcAttr{Env: os.Environ(), Files: files})
	if err != nil {
		return 0, os.NewSyscallError("fork", err)
	}
	go relay(own, told, func(s syscall.Signal) { _ = syscall.Kill(child, s) })
	return reap(child)
}

// nameProcess sets what ps and top show, which would be "exe" after self.
func nameProcess(name string) {
	// Nothing depends on it.
	_ = os.WriteFile("/proc/self/comm", []byte(name), 0)
}

// keepDescriptors keeps what this process inherited without a use for it (a
// make jobserver, a shell's redirection) from the child.
func keepDescriptors() error {
	err := unix.CloseRange(3, ^uint(0), unix.CLOSE_RANGE_CLOEXEC)
	if err == nil {
		return nil
	}
	// Before Linux 5.11.
	entries, err := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		if n := number(e.Name()); n > 2 {
			unix.CloseOnExec(n)
		}
	}
	return err
}

// watch ends the sandbox when the supervisor is gone, and until then hands on
// the signals it tells.
func watch(life *os.File, told chan<- syscall.Signal) {
	b := make([]byte, 1)
	for {
		n, err := life.Read(b)
		if n == 1 {
			told <- syscall.Signal(b[0])
		}
		if err != nil {
			os.Exit(codeKilled)
		}
	}
}

// reap waits for every process that ends, until the child is the one.
func reap(child int) (int, error) {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return 0, os.NewSyscallError("wait4", err)
		}
		if pid == child {
			return exitCode(status), nil
		}
	}
}
