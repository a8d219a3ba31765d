package sandbox

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"nsl/lang/diag"

	"golang.org/x/sys/unix"

	"nsl/runtime/outside"
	"nsl/runtime/sandbox/confine"
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

	// Outside asks Config.Person; nil where there is none.
	Outside *outside.Client

	programs *confine.Confinement // nil in a trusted lab
	room     room
}

// Trusted reports whether the lab is not confined.
func (in *Inside) Trusted() bool { return in.room.Trusted }

// MayWrite reports whether the lab may write this file of the machine's, by a name
// that is relative to Config.Dir.
func (in *Inside) MayWrite(name string) bool {
	return in.Has(filepath.Join(in.room.Dir, name), true)
}

// Has reports whether the lab has this file or directory of the machine's, to write
// it or only to read it.
func (in *Inside) Has(path string, write bool) bool {
	return in.room.Trusted || slices.ContainsFunc(in.room.Binds, func(b Bind) bool {
		return (b.Write || !write) && strings.HasPrefix(path+"/", b.Path+"/")
	})
}

// Confine takes from the calling thread, and so from the programs that it starts,
// what programs of a lab do not need; one that administers may still do what
// ip-netns(8) does. The thread must end with what it is for. In a trusted lab it
// does nothing.
func (in *Inside) Confine(administers bool) error {
	switch {
	case in.programs == nil:
		return nil
	case administers:
		return in.programs.Apply(confine.Administrator)
	}
	return in.programs.Apply(confine.Program)
}

// Child finishes the sandbox from inside, calls work in the process that is to do
// the work, and exits with its code: the root is the room, /proc and /sys are the
// namespaces' own, the loopback interface is up, the payload is there. In the
// sandbox's init, which stays outside of the lab, work is not called. Compute, unless
// it is nil, runs while the sandbox is being finished: it makes what work needs, from
// nothing but this program.
//
// The error is a *Refused when the machine does not allow the sandbox. One SIGINT,
// SIGTERM, SIGHUP or SIGQUIT reaches work for one that was sent to the supervisor
// or to the terminal's process group.
//
// Call it once, from the main goroutine, locked to the main thread, while no other
// one runs. The process is number 1 of its PID namespace: no program of the lab can
// end it (pid_namespaces(7)), and orphans become its children; the main thread is
// kept for them, and must start no process itself.
func Child(compute func(), work func(*Inside, error) int) {
	if os.Args[0] == initName {
		os.Exit(initMain())
	}
	if compute != nil {
		go compute()
	}
	in, err := enter()
	go func() { os.Exit(work(in, err)) }()
	reap()
}

// inherited are the descriptors that the lab's first process begins with.
type inherited struct{ payload, events, asks, tie *os.File }

func inherit() (d inherited, err error) {
	for fd := childPayload; fd <= childTie; fd++ {
		unix.CloseOnExec(fd)
	}
	d = inherited{os.NewFile(childPayload, "payload"), os.NewFile(childEvents, "events"),
		os.NewFile(childAsk, "questions"), os.NewFile(childTie, "tie")}
	if d.payload == nil || d.tie == nil {
		return d, errNoPayload
	}
	return d, nil
}

func enter() (*Inside, error) {
	d, err := inherit()
	if err != nil {
		return nil, err
	}
	defer d.payload.Close()
	life := bufio.NewReader(d.tie)
	r, err := readRoom(life)
	if err != nil {
		return nil, err
	}
	go func() {
		_, _ = life.ReadByte()
		os.Exit(codeKilled)
	}()
	notes, refused := r.setUp()
	hide()
	if refused == nil && !r.Trusted {
		refused = confine.Lab()
	}
	m, err := receive(d.payload)
	if err != nil {
		return nil, err
	}
	if m.trial {
		reportTrial(notes, refused)
	}
	if refused != nil {
		return nil, explained(refused)
	}
	in := &Inside{Payload: m.body, Notes: notes, programs: r.confinement(), room: r}
	return in, d.hand(m, in)
}

// hand gives the descriptors that lead somewhere.
func (d inherited) hand(m message, in *Inside) error {
	if m.events {
		in.Events = d.events
	} else {
		_ = d.events.Close()
	}
	if !m.asks {
		return d.asks.Close()
	}
	var err error
	in.Outside, err = outside.Connect(d.asks)
	return err
}

// setUp makes the namespaces usable. The order matters: /proc must be there
// before anything is mounted through /proc/self.
func (r room) setUp() (notes []string, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := loopbackUp(); err != nil {
		return nil, err
	}
	if r.Trusted {
		return mountAll()
	}
	return enterRoom(r.Dir)
}

// hide keeps programs of the lab, which are of the same user, from this process's
// memory and descriptors: as one that cannot dump core, it belongs to root as far
// as /proc is concerned (proc(5)).
func hide() {
	nameProcess(childName)
	// It cannot fail with this argument (PR_SET_DUMPABLE(2const)).
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
}
