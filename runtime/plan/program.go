package plan

import (
	"fmt"
	"path"
	"time"
)

// Program is any program of the machine. As a [Service] it runs in the background.
type Program struct {
	Argv []string
	// Path is its file; "" is the one that Argv[0] finds in the PATH of Env.
	Path string
	// Env is its environment; nil is that of nsl.
	Env []string
	// Dir is the directory it starts in; "" is that of nsl.
	Dir string
	// Terminal: its input is a terminal that no session has, and becomes the
	// controlling one of the program's own session.
	Terminal bool
	// PIDNamespace gives it a PID namespace of its own, in which it is 1.
	PIDNamespace bool
	// Ready is the port that it listens on when it is ready; the zero Listen for
	// a program that is ready at once.
	Ready Listen
	// Wait is how long that may take; 0 is [ReadyWait].
	Wait time.Duration
	// Log is the file that its output goes to; "" is one of the lab's own.
	Log string
}

// ReadyWait is how long a program may take to get ready where nothing is said.
const ReadyWait = 10 * time.Second

func (Program) service() {}

// Kind is the program's name without its directory.
func (s Program) Kind() string {
	if len(s.Argv) == 0 {
		return ""
	}
	return path.Base(s.Argv[0])
}

// String is the command.
func (s Program) String() string { return "program " + Command(s.Argv).String() }

// Listens is the port that it is known to take, if any.
func (s Program) Listens() []Listen {
	if s.Ready.Port == 0 {
		return nil
	}
	return []Listen{s.Ready}
}

// begin starts it in the background and keeps its PID for end.
func (s Program) begin(o Start) []Command {
	argv := s.Argv
	if s.PIDNamespace {
		argv = append([]string{"unshare", "--pid", "--fork", "--kill-child", "--mount-proc"}, argv...)
	}
	line := fmt.Sprintf("%s >%s 2>&1 & echo $! >%s", Inside(o.Node, argv...), Quote(logOf(o.Node, o.ID)), Quote(pidFile(o.Node, o.ID)))
	return []Command{{"sh", "-c", line}}
}

func (s Program) end(o Stop) []Command {
	return []Command{{"sh", "-c", fmt.Sprintf("kill $(cat %s)", Quote(pidFile(o.Node, o.ID)))}}
}

func pidFile(node, id string) string { return "/run/" + node + "." + id + ".pid" }
func logOf(node, id string) string   { return "/run/" + node + "." + id + ".log" }

// NotReady is the error of a Start whose program did not get ready.
type NotReady struct {
	// What happened: "it ended with exit code 1", "it does not listen on tcp 80
	// after 10s".
	What string
	// Printed is the end of what it printed.
	Printed string
}

// Error is what happened.
func (e *NotReady) Error() string { return e.What }
