package sandbox

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// process is the sandbox's init as the supervisor sees it.
type process struct {
	pid     int
	life    *net.UnixConn // its end ends the sandbox
	payload *os.File
	fault   *os.File // what the init could not do

	mu     sync.Mutex
	reaped bool
}

// close gives back the pipes. The payload's comes after the end of the child that
// is killed: one that lives would take its end of file for the supervisor's.
func (p *process) close() {
	if p.life != nil {
		_ = p.life.Close()
	}
	_ = p.payload.Close()
	_ = p.fault.Close()
}

// failed is why the init could not start the lab, once it has ended, or nil.
func (p *process) failed() error {
	var f fault
	if json.NewDecoder(p.fault).Decode(&f) != nil {
		return nil // it could, or was killed
	}
	return explained(f.err())
}

// patience is how long the init may take to end the lab.
const patience = 2 * time.Second

// kill ends everything inside: the init ends the lab when its connection ends, and
// dies itself if it does not get to that.
func (p *process) kill() {
	_ = p.life.CloseWrite()
	time.AfterFunc(patience, p.killInit)
}

// killInit kills the init, and the kernel then the lab's first process. The lock keeps
// the signal from a process that got the same number after ours was reaped.
func (p *process) killInit() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.reaped {
		// It cannot fail for a process of ours that is not reaped.
		_ = syscall.Kill(p.pid, syscall.SIGKILL)
	}
}

// wait blocks the calling thread until the init is gone, which waits for the lab.
func (p *process) wait() (syscall.WaitStatus, error) {
	for {
		err := unix.Waitid(unix.P_PID, p.pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err == nil {
			break
		}
		if !errors.Is(err, unix.EINTR) {
			return 0, os.NewSyscallError("waitid", err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reaped = true
	var status syscall.WaitStatus
	_, err := syscall.Wait4(p.pid, &status, 0, nil)
	return status, os.NewSyscallError("wait4", err)
}
