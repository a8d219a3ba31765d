package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"

	"nsl/lang/script"
	"nsl/runtime/keeper"
	"nsl/runtime/kernel"
	"nsl/runtime/node"
	"nsl/runtime/outside"
	"nsl/runtime/plan"
	"nsl/runtime/repl"
	"nsl/runtime/state"
	"nsl/runtime/terminal"
)

// PromptCommand is the command, with a lab's name, that calls [Setup.PromptIn].
const PromptCommand = "prompt"

// PromptIn is the main of a prompt inside a running lab, which starts it for
// [Client.Prompt].
func (s Setup) PromptIn(lab string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	world, err := newRemote(lab)
	if err != nil {
		return err
	}
	defer func() { _ = world.Close() }()
	client, err := outside.Connect(os.NewFile(promptFD, "outside"))
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	nodes, err := world.Nodes()
	if err != nil {
		return err
	}
	world.files = repl.NewOpener(client)
	p := prompt{Setup: s, script: script.DefaultOptions(), running: true, origin: world.Origin, opener: world.files, outside: client, keep: client.Keep,
		history: os.Getenv(historyVariable), rc: os.Getenv(rcVariable),
		greeting: fmt.Sprintf("the lab %s, %s. help explains, Tab completes, Ctrl-D leaves it as it is.", lab, Counted(len(nodes), "node"))}
	_, err = p.on(ctx, world)
	return err
}

// promptFD is the descriptor by which a prompt in a running lab asks outside.
const promptFD = 3

// insideSocket is where a running lab answers the prompts that are inside it.
const insideSocket = "/run/nsl-lab.sock"

// remote is the world of a prompt in a lab that others use as well: it looks
// at the kernel itself, and has the lab's own world do what is done. What runs
// in the nodes is that world's, so that it outlives the prompt.
type remote struct {
	*kernel.World
	prober
	lab string
	// files opens what statements name, outside.
	files *repl.Opener
}

func newRemote(lab string) (*remote, error) {
	k, err := kernel.New()
	if err != nil {
		return nil, err
	}
	w := &remote{World: k, lab: lab}
	w.prober = prober{inside: k.Inside, settle: func(ctx context.Context) error {
		_, err := w.ask(ctx, question{Ask: askSettle})
		return err
	}}
	return w, nil
}

func (w *remote) ask(ctx context.Context, q question, opened ...*os.File) (a answer, err error) {
	packed, err := pack(q)
	if err != nil {
		return a, err
	}
	c, err := keeper.DialInside(insideSocket, w.lab)
	if err != nil {
		return a, err
	}
	defer c.Close()
	r, err := c.Call(ctx, doAsk, packed, opened...)
	if err != nil {
		return a, err
	}
	if err := errors.Join(json.Unmarshal(r.Body, &packed), unpack(packed, &a)); err != nil {
		return a, err
	}
	if a.Err != nil {
		return a, a.Err
	}
	return a, nil
}

// Apply does one op. A file that is named in it is opened here, for the lab.
func (w *remote) Apply(ctx context.Context, op plan.Op) error {
	var opened []*os.File
	if name, flag := namedFile(op); name != "" {
		f, err := w.files.OpenFile(name, flag, 0o666)
		switch {
		case errors.Is(err, unix.EROFS), errors.Is(err, fs.ErrNotExist): // the lab may have it
		case err != nil:
			return plan.NewFileError(name, err, flag&(os.O_WRONLY|os.O_RDWR) == 0)
		default:
			defer f.Close()
			opened = []*os.File{f}
		}
	}
	_, err := w.ask(ctx, question{Ask: askApply, Op: op}, opened...)
	return err
}

// Commit makes final what was taken away, by whichever prompt.
func (w *remote) Commit() error {
	_, err := w.ask(context.Background(), question{Ask: askCommit})
	return err
}

// Close leaves the lab as it is.
func (w *remote) Close() error { return errors.Join(w.Commit(), w.World.Close()) }

// Prefetch has no use: the ops are another process's.
func (w *remote) Prefetch([]plan.Op) {}

// Services are what runs in a node.
func (w *remote) Services(node string) ([]plan.Running, error) {
	a, err := w.ask(context.Background(), question{Ask: askServices, Node: node})
	return a.Services, err
}

// Names are a node's names beside its own.
func (w *remote) Names(node string) ([]string, error) {
	a, err := w.ask(context.Background(), question{Ask: askNames, Node: node})
	return a.Names, err
}

// Resolver is what a node's /etc/resolv.conf says.
func (w *remote) Resolver(node string) (plan.Resolver, error) {
	a, err := w.ask(context.Background(), question{Ask: askResolver, Node: node})
	return a.Resolver, err
}

// Lookup finds the addresses of a name.
func (w *remote) Lookup(ctx context.Context, q plan.Lookup) (plan.LookupReply, error) {
	a, err := w.ask(ctx, question{Ask: askLookup, Lookup: q})
	return a.Lookup, err
}

// Sockets are the sockets of a node that wait for others.
func (w *remote) Sockets(node string) ([]plan.Socket, error) {
	a, err := w.ask(context.Background(), question{Ask: askSockets, Node: node})
	return a.Sockets, err
}

// Origin is the script that the lab was built by.
func (w *remote) Origin() (repl.Origin, error) {
	a, err := w.ask(context.Background(), question{Ask: askOrigin})
	return a.Origin, err
}

// Read reads the lab, with settings of its nodes.
func (w *remote) Read(keys []string) (*state.Lab, error) {
	a, err := w.ask(context.Background(), question{Ask: askRead, Keys: keys})
	return a.Lab, err
}

// Ended are none: the lab itself observes its services.
func (*remote) Ended() []plan.Running { return nil }

// Shell opens the user's shell in a node, as nsl sh does.
func (w *remote) Shell(ctx context.Context, node string) (int, error) {
	return w.onTerminal(ctx, node, nil, os.Stdin, os.Stdout)
}

// onTerminal runs a program, or the user's shell, on a terminal of its own that in and
// out show.
func (w *remote) onTerminal(ctx context.Context, node string, argv []string, in *os.File, out io.Writer) (int, error) {
	x := keeper.Exec{Node: node, Program: plan.Program{Argv: argv}, Color: terminal.Color(os.Stderr)}
	return w.run(ctx, node, func(c *keeper.Conn) (int, error) { return c.OnTerminal(doExec, x, in, out, os.Stderr) })
}

// Exec runs a program as nsl exec does, on a terminal of its own where the prompt
// has one: it finds the names and servers that the lab's own world knows.
func (w *remote) Exec(ctx context.Context, node string, argv []string, s plan.Streams) (code int, err error) {
	if in, ok := terminalOf(s); ok {
		return typedInterrupt(w.onTerminal(ctx, node, argv, in, s.Out))
	}
	in, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	run := func(out, errs *os.File) (err error) {
		x := keeper.Exec{Node: node, Program: plan.Program{Argv: argv}, Color: terminal.Color(errs)}
		code, err = w.run(ctx, node, func(c *keeper.Conn) (int, error) { return c.Run(doExec, x, in, out, errs) })
		return err
	}
	err = withFile(s.Out, func(out *os.File) error {
		if s.Err == s.Out { // one writer must not be written to from two pipes at once
			return run(out, out)
		}
		return withFile(s.Err, func(errs *os.File) error { return run(out, errs) })
	})
	return code, err
}

// Installed looks in the lab's own files, which this process has, too.
func (*remote) Installed(name string) bool { return node.Installed(name) }

// run has the lab run a program in a node by asking it; the program ends with ctx.
func (w *remote) run(ctx context.Context, node string, ask func(*keeper.Conn) (int, error)) (int, error) {
	if has, err := w.HasNode(node); err != nil || !has {
		return 0, errors.Join(err, plan.ErrNoNode)
	}
	c, err := keeper.DialInside(insideSocket, w.lab)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	code, err := ask(c)
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	return code, err
}

// withFile runs f with a file whose text goes to w, and waits for all of it.
func withFile(w io.Writer, f func(*os.File) error) error {
	if file, ok := w.(*os.File); ok {
		return f(file)
	}
	if w == nil {
		w = io.Discard
	}
	r, in, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(w, r)
		copied <- err
	}()
	err = f(in)
	return errors.Join(err, in.Close(), <-copied)
}
