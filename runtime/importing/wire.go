package importing

import (
	"encoding/json"
	"net"
	"time"
)

// Step is a command of a script that was recorded.
type Step struct {
	// Line is the line of the script that the command came from, 0 where that is unknown.
	Line int
	// Node is where it ran; "" is a namespace without a name.
	Node string
	Argv []string
	// Stdin is what it was given to read, where it is a program that reads commands.
	Stdin string `json:",omitempty"`
	Code  int
	Kind  Kind
	// Statements are what it is in nsl.
	Statements []string `json:",omitempty"`
	// PID is the process of a Program; it is 0 once that has ended.
	PID int `json:",omitempty"`
}

// Kind says what a step did.
type Kind string

// The kinds of steps.
const (
	// Change has statements that change the lab.
	Change Kind = "change"
	// Check asks whether something can be reached.
	Check Kind = "check"
	// Passed only the program itself can do.
	Passed Kind = "passed"
	// Read changed nothing.
	Read Kind = "read"
	// Program was started in a node and may go on running.
	Program Kind = "program"
)

// Recording is what a script did.
type Recording struct {
	Steps []Step
	// Exit is the exit code of the script; Late: its time was up.
	Exit int
	Late bool
	// Output is the end of what the script printed.
	Output string
	State  State
}

// dir is where a recording keeps its files in the sandbox. Scripts may clear the
// environment, so it has a name that does not change.
const (
	dir    = "/run/nsl-import"
	socket = dir + "/socket"
	bin    = dir + "/bin"
)

// request is what a tool asks before it runs the program, and answer what it gets.
type request struct {
	Argv  []string
	At    string
	Stdin string
	// Inode is the network namespace of the tool.
	Inode uint64
	PID   int
}

type answer struct {
	// Own: nsl did the command itself, as the program is not installed.
	Own  bool
	Out  string
	Code int
}

// done is what a tool says at last.
type done struct{ Code int }

type conn struct {
	net.Conn
	*json.Encoder
	*json.Decoder
}

func newConn(c net.Conn) conn { return conn{c, json.NewEncoder(c), json.NewDecoder(c)} }

func dial() (conn, error) {
	c, err := net.DialTimeout("unix", socket, time.Minute)
	if err != nil {
		return conn{}, err
	}
	return newConn(c), nil
}
