// Package script reads scripts and the modules they use, checks them against a
// model of the lab, and packs what a run needs, which may be another process.
package script

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/model"
	"nsl/runtime/plan"
)

// Language is what scripts are written in.
type Language struct {
	Table *verb.Table
	// Library has the modules whose names begin with std/, as files NAME.nsl.
	Library fs.FS
	// Commands are the words that a person may have meant when a file is not
	// there; nil is none.
	Commands func() []string
}

// Options bear on what a script means.
type Options struct {
	// Set are other values for the script's variables: NAME=VALUE.
	Set    []string
	Limits eval.Limits
	// Args are the script's arguments.
	Args []string
	// Env is a variable of the environment that a script sees which asks for this; nil
	// is this process's.
	Env func(name string, asked Grants) (string, bool) `json:"-"`
	// Keeps are the directories and files, by absolute names, that outlive the lab.
	Keeps []string
	// Known: this process is the run, or as good as it: arguments and environment
	// are the script's.
	Known bool
}

// DefaultOptions are those of a script that is run without flags.
func DefaultOptions() Options { return Options{Limits: eval.DefaultLimits()} }

// Run takes this process's arguments and environment for the script's.
func (o Options) Run() Options {
	o.Known = true
	return o
}

func (o Options) lookup(asked Grants) func(string) (string, bool) {
	if o.Env == nil {
		return os.LookupEnv
	}
	return func(name string) (string, bool) { return o.Env(name, asked) }
}

func (o Options) vars() map[string]eval.Value {
	vars := map[string]eval.Value{}
	for _, s := range o.Set {
		name, value, _ := strings.Cut(s, "=")
		vars[name] = eval.OfWord(value)
	}
	return vars
}

// CheckSet reports what is no NAME=VALUE.
func (o Options) CheckSet() error {
	for _, s := range o.Set {
		if name, _, ok := strings.Cut(s, "="); !ok || name == "" {
			return fmt.Errorf("--set %s: write --set NAME=VALUE", s)
		}
	}
	return nil
}

// unbound are the names of Set that no let of a script's outermost block binds, as
// findings.
func (o Options) unbound(table *verb.Table, tree *syntax.Tree) diag.List {
	var names []string
	for _, st := range tree.Statements {
		if !st.Bad && table.Role(st.Verb()) == verb.RoleLet && len(st.Head()) > 1 {
			names = append(names, st.Head()[1].Text)
		}
	}
	var list diag.List
	for _, name := range slices.Sorted(maps.Keys(o.vars())) {
		if slices.Contains(names, name) {
			continue
		}
		d := diag.Errorf(diag.BadVariable, source.Span{}, "--set %s: %s has no let that binds it", name, tree.File.Name)
		switch near := diag.DidYouMean(name, names); {
		case near != "":
			list.Add(d.WithHelp("%s", near))
		case len(names) > 0:
			list.Add(d.WithHelp("it binds %s", strings.Join(names, ", ")))
		default:
			list.Add(d.WithHelp("write into the script, outside of any block: let %s = …", name))
		}
	}
	return list
}

// Apply sets up the interpreter of a run of the script of that name.
func (o Options) Apply(in *eval.Interp, name string, m eval.Modules) {
	in.Name, in.Limits, in.Modules, in.Args, in.Env, in.Preset = name, o.Limits, m, o.Args, o.lookup(nil), o.vars()
}

// Script is a script that was checked, with all that its run needs of files.
type Script struct {
	Name, Text string
	Options    Options
	// Modules are the texts of the modules that it uses, by their names.
	Modules map[string]string
	// Grants are what it asks for.
	Grants Grants
	// Nodes is how many it makes in all, as far as its check knows.
	Nodes int
	// Found are the keys of the check's findings, which the run does not repeat.
	Found []string
}

// Tree reads the script into a set.
func (s Script) Tree(table *verb.Table, set *source.Set) *syntax.Tree {
	return table.Split(set.Add(s.Name, s.Text))
}

// Keys name findings, so that another process recognizes them.
func Keys(set *source.Set, list diag.List) []string {
	var keys []string
	for _, d := range list {
		keys = append(keys, string(d.Code)+" "+diag.Place(set, d.Subject))
	}
	return keys
}

// Walk is [check.Walk], or a function that builds on it.
type Walk = func(*source.Set, *verb.Table, *syntax.Tree, check.World, check.Options) diag.List

// Check checks a script on a model by walk, and returns it with all findings.
func (l Language) Check(set *source.Set, f *source.File, o Options, walk Walk) (Script, diag.List) {
	return l.check(context.Background(), set, f, o, walk)
}

func (l Language) check(ctx context.Context, set *source.Set, f *source.File, o Options, walk Walk) (Script, diag.List) {
	return l.CheckWith(ctx, l.Modules(set, f.Name), f, o, walk)
}

// CheckWith is Check with modules of the caller's, which are of the set that the file is in.
// The end of ctx ends it.
func (l Language) CheckWith(ctx context.Context, m *Modules, f *source.File, o Options, walk Walk) (Script, diag.List) {
	set := m.set
	nodes := 0
	c := check.Options{Context: ctx, Limits: o.Limits, Modules: m, Preset: o.vars(), Args: o.Args, Keeps: o.Keeps,
		Each: func(s check.Step) { nodes += newNodes(s.Ops) }}
	tree := l.Table.Split(f)
	asked := AskedBy(l.Table, tree)
	if o.Known {
		c.Env = o.lookup(asked)
	}
	list := append(o.unbound(l.Table, tree), walk(set, l.Table, tree, model.New(), c)...)
	return Script{Name: f.Name, Text: f.Text, Options: o, Modules: m.texts, Grants: asked, Nodes: nodes, Found: Keys(set, list)}, list
}

// newNodes is how many nodes a statement makes.
func newNodes(steps []plan.Step) (n int) {
	for _, s := range steps {
		if _, ok := s.Op.(plan.AddNS); ok {
			n++
		}
	}
	return n
}

// CheckText checks a script for a lab that is there, which no model is like: it finds
// what is wrong with it whichever lab it meets.
func (l Language) CheckText(set *source.Set, f *source.File, o Options) (Script, diag.List) {
	m := l.Modules(set, f.Name)
	tree := l.Table.Split(f)
	list := append(o.unbound(l.Table, tree), check.Text(set, l.Table, tree, m)...)
	return Script{Name: f.Name, Text: f.Text, Options: o, Modules: m.texts, Grants: AskedBy(l.Table, tree), Found: Keys(set, list)}, list
}

// CheckAll checks all files of a set, each by itself. SIGINT, SIGTERM and SIGHUP end it
// with the finding that it was interrupted, and no other.
func (l Language) CheckAll(set *source.Set, o Options) ([]Script, diag.List) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	var scripts []Script
	var all diag.List
	for _, f := range set.Files() {
		s, list := l.check(ctx, set, f, o, check.Walk)
		if ctx.Err() != nil && list.ExitCode() == diag.ExitInterrupted {
			return nil, list
		}
		scripts, all = append(scripts, s), append(all, list...)
	}
	return scripts, all
}
