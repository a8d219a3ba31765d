package lab

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/runtime/keeper"
	"nsl/runtime/outside"
	"nsl/runtime/plan"
	"nsl/runtime/terminal"
)

// Client is a connection to a running lab. What runs there has this process's
// streams.
type Client struct{ *keeper.Conn }

// Asked is With for a command: an error is reported, and has its exit code.
func Asked(name string, f func(Client) (exit int, err error)) int {
	code, err := With(name, f)
	if err != nil {
		return reported(err)
	}
	return code
}

// With connects to the running lab of that name, runs f, and ends the connection.
func With(name string, f func(Client) (exit int, err error)) (exit int, err error) {
	err = keeper.In(func(dir *keeper.Dir) error {
		l, err := dir.Lab(name)
		if err != nil {
			return err
		}
		c, err := l.Dial()
		if err != nil {
			return err
		}
		defer c.Close()
		exit, err = f(Client{c})
		return err
	})
	return exit, err
}

// statusTimeout is how long a lab may take to report its status.
const statusTimeout = 3 * time.Second

// Status asks for the lab's state.
func (c Client) Status() (s Status, err error) {
	r, err := c.AskWithin(statusTimeout, doStatus, nil)
	if err != nil {
		return s, err
	}
	err = json.Unmarshal(r.Body, &s)
	return s, err
}

// Statement runs a statement in the lab and returns its exit code.
func (c Client) Statement(words ...string) (exit int, err error) {
	j := NewJob(script.Script{Name: words[0], Text: plan.Command(words).String() + "\n", Options: script.DefaultOptions()}, false)
	return c.do(j, false)
}

// Nodes are the nodes of the running lab of that name, and the host.
func Nodes(name string) (nodes []string, err error) {
	_, err = With(name, func(c Client) (int, error) {
		s, err := c.Status()
		nodes = slices.Concat(s.Nodes, []string{plan.Host})
		return 0, err
	})
	return nodes, err
}

// About says what may take the place of a word of a command's usage, after the
// arguments before it: a lab, or a node of one. It is "" for other words.
func About(word string, args []string) string {
	switch word {
	case "LAB":
		return runningLabs()
	case "NODE":
		nodes, err := Nodes(args[0])
		if list, ok := diag.FromError(err); ok {
			return list[0].Summary + "\n" + list[0].Help
		}
		return fmt.Sprintf("the lab %s has %s", args[0], someOf(nodes))
	}
	return ""
}

// Exec runs a program in a node, or the user's shell when argv is empty, and
// returns its exit code. On a terminal it gets one of its own.
func (c Client) Exec(node string, argv ...string) (exit int, err error) {
	x := keeper.Exec{Node: node, Program: plan.Program{Argv: argv}, Color: terminal.Color(os.Stderr)}
	return c.Run(doExec, x, os.Stdin, os.Stdout, os.Stderr)
}

// Prompt opens a prompt in the lab.
func (c Client) Prompt() (exit int, err error) {
	ours, theirs, err := outside.Pair()
	if err != nil {
		return 0, err
	}
	defer theirs.Close()
	history := openHistory()
	go outside.Person{Opens: true, Keep: history.Keep}.Serve(ours)
	x := keeper.Exec{Node: plan.Host, Program: plan.Program{Env: promptEnv()}, Color: terminal.Color(os.Stdout)}
	return c.Run(doPrompt, x, os.Stdin, os.Stdout, os.Stderr, theirs)
}

// Counted is a number of things in words: 1 node, 2 nodes.
func Counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
