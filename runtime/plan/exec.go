package plan

import (
	"errors"
	"io"
)

// Exec runs a program inside a node and waits for its end. What it changed in the network
// are ops that follow it, each a [SetItem] or one that a statement makes, too, where
// what is done may be undone.
type Exec struct {
	Node string
	Argv []string
	// MayFail: an exit code other than 0 is no failure.
	MayFail bool
}

func (Exec) op() {}

// Effect is whatever the program did.
func (o Exec) Effect() Effect {
	return Effect{Object: Command(o.Argv).String() + " in " + o.Node, Anything: true}
}

// Inverse is empty: what it did to files cannot be undone.
func (o Exec) Inverse() []Op { return nil }

// Commands is ip netns exec.
func (o Exec) Commands() []Command {
	c := Inside(o.Node, o.Argv...)
	if o.MayFail {
		return []Command{{"sh", "-c", c.String() + " || true"}}
	}
	return []Command{c}
}

// ErrInterrupted means that Ctrl-C on its own terminal ended a program.
var ErrInterrupted = errors.New("interrupted")

// Streams are a program's standard streams; a nil one is empty.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}
