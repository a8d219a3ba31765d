package plan

import "io"

// Exec runs a program inside a node and waits for its end. It cannot be taken back.
type Exec struct {
	Node string
	Argv []string
}

func (Exec) op() {}

// Object is the command and its node.
func (o Exec) Object() string { return Command(o.Argv).String() + " in " + o.Node }

// Inverse is empty: what a program did cannot be taken back.
func (o Exec) Inverse() []Op { return nil }

// Commands is ip netns exec.
func (o Exec) Commands() []Command { return []Command{Inside(o.Node, o.Argv...)} }

// Streams are a program's standard streams; a nil one is empty.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}
