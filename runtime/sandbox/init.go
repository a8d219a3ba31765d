package sandbox

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"syscall"
	"unsafe"

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
	initAsk      = 6
	initFault    = 7
	childPayload = 3
	childEvents  = 4
	childAsk     = 5
	childTie     = 6
)

// codeKilled is what the init's end looks like when it follows the supervisor's.
const codeKilled = 128 + int(syscall.SIGKILL)

// IsChild reports whether this process is inside a sandbox because Run started it.
// It must be asked before main does anything else.
func IsChild() bool {
	return len(os.Args) > 0 && (os.Args[0] == initName || os.Args[0] == childName)
}

// fault is what the init could not do, for the supervisor to explain: it sees the
// machine's settings.
type fault struct {
	Step, Text string
	Errno      syscall.Errno
}

func newFault(err error) fault {
	f := fault{Text: err.Error()}
	var step *os.SyscallError
	if errors.As(err, &step) && errors.As(err, &f.Errno) {
		f.Step = step.Syscall
	}
	return f
}

// err is the fault as an error again.
func (f fault) err() error {
	if f.Step != "" {
		return os.NewSyscallError(f.Step, f.Errno)
	}
	return errors.New(f.Text)
}

// initMain is the init's main.
func initMain() int {
	code, err := runInit()
	if err != nil {
		// Without a supervisor no process reads it.
		_ = json.NewEncoder(os.NewFile(initFault, "fault")).Encode(newFault(err))
		return codeCannot
	}
	return code
}

// runInit builds the room, starts the lab in it and returns the lab's exit code
// once it has ended.
func runInit() (int, error) {
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
	life, err := lifeOf(initLife)
	if err != nil {
		return 0, err
	}
	r, err := receiveOrder(life)
	if err != nil {
		return 0, err
	}
	if err := r.build(); err != nil {
		return 0, err
	}
	child, tie, err := startLab(r)
	if err != nil {
		return 0, err
	}
	defer tie.Close()
	told := make(chan syscall.Signal, 64)
	go watch(life, told, child)
	go stopTogether(child)
	go relay(own, told, func(s syscall.Signal) { _ = syscall.Kill(child, s) })
	return await(child)
}

// startLab starts the lab's first process. The tie brings it the room, and its
// end of file ends it, should the kernel not tell it of this process's end.
func startLab(r room) (child int, tie *os.File, err error) {
	theirs, tie, err := os.Pipe()
	if err != nil {
		return 0, nil, err
	}
	defer theirs.Close()
	if err := sendRoom(tie, r); err != nil {
		return 0, nil, errors.Join(err, tie.Close())
	}
	files := []uintptr{0, 1, 2, initPayload, initEvents, initAsk, theirs.Fd()}
	child, err = cloneLab(append([]string{childName}, os.Args[1:]...), os.Environ(), files)
	if err != nil {
		return 0, nil, errors.Join(err, tie.Close())
	}
	return child, tie, nil
}

// sendRoom is for readRoom. A room is a few lines, which a pipe holds.
func sendRoom(to io.Writer, r room) error { return json.NewEncoder(to).Encode(r) }

func readRoom(from *bufio.Reader) (r room, err error) {
	line, err := from.ReadBytes('\n')
	if err != nil {
		return r, errNoPayload
	}
	err = json.Unmarshal(line, &r)
	return r, err
}

// nameProcess sets what ps and top show, which would be "exe" after self.
func nameProcess(name string) {
	// The main thread's name is the process's. It cannot fail (PR_SET_NAME(2const)).
	var text [16]byte
	copy(text[:15], name)
	_ = unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(&text[0])), 0, 0, 0)
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

// watch ends the lab when the supervisor asks for it or is gone, and until then hands
// on the signals it tells. The init then waits for the lab's first process, which is
// gone only after all others of the lab (pid_namespaces(7)).
func watch(life io.Reader, told chan<- syscall.Signal, child int) {
	b := make([]byte, 1)
	for {
		if n, err := life.Read(b); err != nil || n == 0 {
			_ = syscall.Kill(child, syscall.SIGKILL)
			return
		}
		told <- syscall.Signal(b[0])
	}
}

// await waits for the child.
func await(child int) (int, error) {
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(child, &status, 0, nil)
		switch {
		case err == nil:
			return exitCode(status), nil
		case !errors.Is(err, syscall.EINTR):
			return 0, os.NewSyscallError("wait4", err)
		}
	}
}
