package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"nsl/lang/diag"

	"golang.org/x/sys/unix"
)

// codeCannot is the exit code for a machine that cannot do what the lab needs.
const codeCannot = diag.ExitMachine

// Inside is the sandbox as seen by the process that works in it.
type Inside struct {
	// Payload is Config.Payload.
	Payload []byte
	// Events is Config.Events, or nil; programs that the child starts do not get it.
	Events *os.File
	// Notes say, one sentence each, what of the sandbox this machine did not
	// allow and the lab can do without.
	Notes []string

	// covered are the machine's directories that the sandbox has its own of.
	covered []keptDir
}

// Path is the name by which this process reaches a file of the machine: its own
// name but for what is below /tmp and /run, which the sandbox covers. A relative
// name is one from the working directory. It is of no use to the programs of the
// lab: it is valid in this process only.
func (in *Inside) Path(name string) string {
	if !filepath.IsAbs(name) {
		return name
	}
	name = filepath.Clean(name)
	for _, d := range in.covered {
		if rest, below := strings.CutPrefix(name, d.path); below && (rest == "" || rest[0] == '/') {
			return "/proc/self/fd/" + strconv.Itoa(d.fd) + rest
		}
	}
	return name
}

// Child finishes the sandbox from inside and returns in the process that is to
// do the work: /proc, /sys, /run and /tmp are the sandbox's own, the loopback
// interface is up, the payload is there. The working directory, and the
// directories of PATH, remain where they were even below /tmp and /run. In the
// sandbox's init it does not return.
//
// The error is a *Refused when the machine allows the namespaces but not their
// use. One SIGINT, SIGTERM, SIGHUP or SIGQUIT reaches the caller for one that
// was sent to the supervisor or to the terminal's process group.
//
// Call it once, from the main goroutine, while no other one runs.
func Child() (*Inside, error) {
	if os.Args[0] != initName {
		return enter()
	}
	code, err := runInit()
	if err != nil {
		fmt.Fprintln(os.Stderr, "nsl: sandbox:", err)
		code = codeCannot
	}
	os.Exit(code)
	panic("unreachable")
}

func enter() (*Inside, error) {
	unix.CloseOnExec(childPayload)
	unix.CloseOnExec(childEvents)
	events := os.NewFile(childEvents, "events")
	pipe := os.NewFile(childPayload, "payload")
	if pipe == nil {
		return nil, errNoPayload
	}
	defer pipe.Close()
	covered, notes, refused := setUp()
	nameProcess(childName)
	m, err := receive(pipe)
	if !m.events {
		_ = events.Close()
		events = nil
	}
	if err != nil {
		return nil, err
	}
	if m.trial {
		reportTrial(notes, refused)
	}
	if refused != nil {
		return nil, explained(refused)
	}
	return &Inside{Payload: m.body, Events: events, Notes: notes, covered: covered}, nil
}

// setUp makes the namespaces usable. The order matters: nothing may be mounted
// before the mount namespace is private, and /proc/self must be ours before the
// kept directories are bound through it.
func setUp() (covered []keptDir, notes []string, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := loopbackUp(); err != nil {
		return nil, nil, err
	}
	return mountAll()
}
