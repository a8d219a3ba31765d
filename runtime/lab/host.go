package lab

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/host"
	"nsl/runtime/keeper"
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
	// Confirm is how long after the beginning the lab is undone if no person confirms it, or 0:
	// then it stays, and nothing may be done that could cut the person off.
	Confirm time.Duration
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
	if err := cmp.Or(keeper.CheckName(name), mayChangeHost("nsl up --host "+file), hostTaken()); err != nil {
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
	return s.buildHost(name, j, world, policy, h)
}

// hostPolicy is that of a lab on the machine as it is now.
func hostPolicy(w *World, h HostOptions) (*host.Policy, error) {
	p := host.NewPolicy(w)
	p.Forwarding = h.Forwarding
	if p.Confirm = h.Confirm > 0; p.Confirm {
		return p, nil
	}
	var client netip.Addr
	client, p.SSHPort = host.SSH()
	var err error
	p.Guarded, err = host.Guarded(w, client)
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
	if err == nil && terminal.Yes(answer) {
		return nil
	}
	return notAgreed("not agreed to")
}

func notAgreed(why string) error {
	return diag.List{diag.Errorf(diag.NotGranted, source.Span{}, "nothing was done: %s", why).WithHelp("--yes agrees to what is shown")}
}

// buildHost runs the script on the machine.
func (s Setup) buildHost(name string, j Job, world *World, p *host.Policy, h HostOptions) (int, error) {
	begun, err := s.begun(name, j.Name, h.Confirm)
	if err != nil {
		return 0, err
	}
	journal, err := host.Create(begun)
	if errors.Is(err, fs.ErrExist) {
		return 0, hostTaken()
	}
	if err != nil {
		return 0, err
	}
	defer journal.Close()
	watch, err := startWatch(begun, h.Confirm)
	if err != nil {
		return 0, errors.Join(err, cleanHost(world))
	}
	defer watch.end()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	on := hostWorld{world, host.NewWorld(world, p, journal, begun.Mark)}
	streams := verb.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	code := s.inConsole(j, streams, func(r *run) error { return r.on(ctx, on) })
	if code != diag.ExitOK && !h.Keep {
		return code, cleanHost(world)
	}
	if err := errors.Join(journal.Add(host.Record{Kind: host.Built}), journal.Close()); err != nil {
		return code, err
	}
	fmt.Fprintf(os.Stdout, "%s is on this machine\n    a shell in it: ip netns exec NODE bash\n    take it down:  nsl down --host\n", name)
	return code, watch.confirm(ctx, begun)
}

// begun is the first record of a lab.
func (s Setup) begun(name, file string, within time.Duration) (host.Record, error) {
	abs, err := filepath.Abs(file)
	r := host.Record{Kind: host.Begun, Name: name, Script: abs, Mark: host.NewMark(), PID: os.Getpid()}
	if within > 0 {
		r.Until = time.Now().Add(within)
	}
	return r, err
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
