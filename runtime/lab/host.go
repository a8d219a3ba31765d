package lab

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/host"
	"nsl/runtime/plan"
	"nsl/runtime/sandbox"
	"nsl/runtime/terminal"
)

// HostOptions are what a person says about a lab on the machine itself.
type HostOptions struct {
	// Yes: the plan is agreed to. Forwarding: the machine's IP forwarding may be changed.
	Yes, Forwarding bool
	// Keep: what was built stays when the script fails.
	Keep bool
}

// hostWorld is the machine as the world of a lab: its ops are admitted and recorded.
type hostWorld struct {
	*World
	guard *host.World
}

// Apply does one op.
func (w hostWorld) Apply(ctx context.Context, op plan.Op) error { return w.guard.Apply(ctx, op) }

// UpHost builds a lab of a script on the machine itself, where it stays until [DownHost] or the
// machine's end; name is that of the lab, or "" for that of the file. It returns the exit code;
// what is wrong is reported.
func (s Setup) UpHost(file, name string, h HostOptions, o ScriptOptions) int {
	name = cmp.Or(name, NameOf(file))
	if err := cmp.Or(mayChangeHost("nsl up --host "+file), hostTaken()); err != nil {
		return reported(err)
	}
	set := &source.Set{}
	code, err := s.upHost(set, file, name, h, o)
	if err != nil {
		return reportedIn(set, err)
	}
	return code
}

func (s Setup) upHost(set *source.Set, file, name string, h HostOptions, o ScriptOptions) (int, error) {
	text, err := host.TheCaller().Read(file)
	if err != nil {
		return 0, err
	}
	world, err := New()
	if err != nil {
		return 0, err
	}
	defer world.Close()
	policy, err := hostPolicy(world, h)
	if err != nil {
		return 0, err
	}
	j, steps, err := s.planHost(set, set.Add(file, text), world, policy, o)
	if err != nil {
		return 0, err
	}
	if err := agreed(world, steps, h.Yes); err != nil {
		return 0, err
	}
	if policy, err = hostPolicy(world, h); err != nil {
		return 0, err
	}
	return s.buildHost(name, j, world, policy, h.Keep)
}

// hostPolicy is that of a lab on the machine as it is now.
func hostPolicy(w *World, h HostOptions) (*host.Policy, error) {
	p := host.NewPolicy(w)
	p.Forwarding = h.Forwarding
	var err error
	p.Guarded, err = host.Guarded(w, host.SSHClient())
	return p, err
}

// planHost checks a script on a model of the machine, and finds what it may not do there.
func (s Setup) planHost(set *source.Set, f *source.File, world *World, p *host.Policy, o ScriptOptions) (Job, []plan.Step, error) {
	machine, err := host.Ops(world)
	if err != nil {
		return Job{}, nil, err
	}
	var steps []plan.Step
	walk := func(set *source.Set, table *verb.Table, tree *syntax.Tree, on check.World, c check.Options) diag.List {
		for _, op := range machine {
			_ = on.Apply(op) // what the model cannot have, a script cannot use
		}
		c.Each = func(s check.Step) { steps = append(steps, s.Ops...) }
		return check.Walk(set, table, tree, on, c)
	}
	modules := s.ModulesAt(set, f.Name, func(_, name string) (io.ReadCloser, error) {
		text, err := host.TheCaller().Read(name)
		return io.NopCloser(strings.NewReader(text)), err
	})
	sc, list := s.CheckWith(context.Background(), modules, f, o.Script.Run(), walk)
	if !list.HasErrors() {
		refused, err := host.Check(p, steps)
		if err != nil {
			return Job{}, nil, err
		}
		list = append(list, refused...)
	}
	if list.HasErrors() {
		return Job{}, nil, list
	}
	if len(list) > 0 {
		reportedIn(set, list)
	}
	return NewJob(sc, o.Verbose), steps, nil
}

// agreed shows what is to be done to the machine, and asks.
func agreed(world *World, steps []plan.Step, yes bool) error {
	for _, w := range host.Warnings(world) {
		fmt.Fprintln(os.Stderr, "note: "+diag.PlainLine(w))
	}
	if yes {
		return nil
	}
	fmt.Fprintln(os.Stdout, "on this machine, as root:")
	for _, step := range steps {
		for _, c := range step.Op.Commands() {
			if _, settings := step.Op.(plan.Baseline); !settings {
				fmt.Fprintln(os.Stdout, "  "+diag.PlainLine(c.String()))
			}
		}
	}
	if !terminal.Is(os.Stdin) {
		return notAgreed("no terminal to ask on")
	}
	fmt.Fprint(os.Stdout, "do it? [y/N] ")
	answer, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err == nil && slices.Contains([]string{"y", "yes"}, strings.ToLower(strings.TrimSpace(answer))) {
		return nil
	}
	return notAgreed("not agreed to")
}

func notAgreed(why string) error {
	return diag.List{diag.Errorf(diag.NotGranted, source.Span{}, "nothing was done: %s", why).WithHelp("--yes agrees to what is shown")}
}

// buildHost runs the script on the machine.
func (s Setup) buildHost(name string, j Job, world *World, p *host.Policy, keep bool) (int, error) {
	file := j.Name
	if abs, err := filepath.Abs(file); err == nil {
		file = abs
	}
	mark := host.NewMark()
	journal, err := host.Create(host.Record{Kind: host.Begun, Name: name, Script: file, Mark: mark, PID: os.Getpid()})
	if errors.Is(err, fs.ErrExist) {
		return 0, hostTaken()
	}
	if err != nil {
		return 0, err
	}
	defer journal.Close()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	on := hostWorld{world, host.NewWorld(world, p, journal, mark)}
	streams := verb.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	code := s.inConsole(j, streams, func(r *run) error { return r.on(ctx, on) })
	if code != diag.ExitOK && !keep {
		return code, cleanHost(world)
	}
	if err := journal.Add(host.Record{Kind: host.Built}); err != nil {
		return code, err
	}
	fmt.Fprintf(os.Stdout, "%s is on this machine\n    a shell in it: ip netns exec NODE bash\n    take it down:  nsl down --host\n", name)
	return code, nil
}

// hostTaken says which lab the machine has, if it has one.
func hostTaken() error {
	left, err := host.Find()
	if err != nil || left == nil {
		return err
	}
	defer left.Close()
	help := "nsl clean undoes what it has left"
	if left.Built() {
		help = "take it down first: nsl down --host"
	}
	return diag.List{diag.Errorf(diag.HostTaken, source.Span{}, "this machine has a lab already: %s (%s)", left.Begun().Name, left.Begun().Script).WithHelp("%s", help)}
}

// mayChangeHost is the error that this process lacks the rights that a lab on the machine takes.
func mayChangeHost(command string) error {
	if sandbox.Holds(unix.CAP_NET_ADMIN) && sandbox.Holds(unix.CAP_SYS_ADMIN) {
		return nil
	}
	return diag.List{diag.New(diag.NoPermission, diag.Machine, source.Span{}, "only root may change the machine's network").WithHelp("sudo %s", command)}
}

// DownHost ends the lab that is on the machine itself, also one whose building was cut off, and
// returns the exit code. What is wrong is reported.
func DownHost() int {
	return reported(onHost("nsl down --host", func(left *host.Left) error {
		if left == nil {
			return diag.List{diag.Errorf(diag.HostTaken, source.Span{}, "this machine has no lab").WithHelp("nsl ls shows the labs that are running")}
		}
		return undoHost(left, "is down")
	}))
}

// CleanHost undoes what a killed nsl up --host has left, and returns the exit code. A lab that was
// built stays. What is wrong is reported.
func CleanHost() int {
	return reported(onHost("nsl clean", func(left *host.Left) error {
		switch {
		case left == nil:
			fmt.Fprintln(os.Stdout, "nothing to clean up")
			return nil
		case left.Built():
			fmt.Fprintf(os.Stdout, "nothing to clean up: %s is on this machine; nsl down --host takes it down\n", left.Begun().Name)
			return nil
		}
		return undoHost(left, "is cleaned up")
	}))
}

// onHost calls f with what the machine has of a lab, which no other process builds; nil is none.
func onHost(command string, f func(*host.Left) error) error {
	if err := mayChangeHost(command); err != nil {
		return err
	}
	left, err := host.Find()
	if err != nil || left == nil {
		return cmp.Or(err, f(nil))
	}
	defer left.Close()
	if !left.Claim() {
		return diag.List{diag.Errorf(diag.HostTaken, source.Span{}, "%s is being built by process %d", left.Begun().Name, left.Begun().PID).WithHelp("wait for it, or end that process first")}
	}
	return f(left)
}

func undoHost(left *host.Left, how string) error {
	err := reading(func(w *World) error { return undone(w, left) })
	if err == nil {
		fmt.Fprintf(os.Stdout, "%s %s\n", cmp.Or(left.Begun().Name, "lab"), how)
	}
	return err
}

// cleanHost undoes what the lab that this process builds has done.
func cleanHost(w *World) error {
	left, err := host.Find()
	if err != nil || left == nil {
		return err
	}
	defer left.Close()
	return undone(w, left)
}

// undone undoes a lab on the machine, and forgets it once nothing is left.
func undone(w *World, left *host.Left) error {
	kept, err := host.Clean(context.Background(), w, left.Records)
	for _, k := range kept {
		fmt.Fprintln(os.Stderr, "left alone: "+k)
	}
	if err != nil {
		return err
	}
	return left.Remove()
}
