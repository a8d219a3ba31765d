package lab

import (
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/runtime/converge"
	"nsl/runtime/plan"
	"nsl/runtime/report"
	"nsl/runtime/state"
	"nsl/runtime/terminal"
)

// DiffOptions say how differences are reported.
type DiffOptions struct {
	// Format is "text" or "json".
	Format string
	// Commands prints commands instead of statements.
	Commands bool
	// Ignore are kinds of differences, or KIND:PATTERN, where the pattern (path.Match) is of
	// nodes and interfaces.
	Ignore []string
	// Script are the options of the script.
	Script script.Options
}

// Diff compares a running lab with the script of a file, or of none with the one that it was
// brought up with; args are [FILE] LAB. It prints what makes it as the script has it,
// changes nothing, and returns 0 where nothing differs and 1 where something does. An
// error is reported, and has its exit code.
func (s Setup) Diff(args []string, o DiffOptions) (exit int) {
	c := &comparison{Setup: s, options: o.Script, name: args[len(args)-1]}
	if len(args) > 1 {
		c.file = args[0]
	}
	return c.reported(func() (int, error) {
		if err := o.check(); err != nil {
			return 0, err
		}
		list, err := c.print(o)
		return exitOf(list), err
	})
}

// print prints the differences, and returns them.
func (c *comparison) print(o DiffOptions) ([]report.Difference, error) {
	if err := c.read(); err != nil {
		return nil, err
	}
	list, err := c.differences(o.Ignore)
	if err != nil {
		return nil, err
	}
	return list, o.report(os.Stdout, list, c.want.Runs)
}

// exitOf is the exit code of a comparison.
func exitOf(list []report.Difference) int {
	if len(list) > 0 {
		return diag.ExitFailed
	}
	return diag.ExitOK
}

func (o DiffOptions) report(w io.Writer, list []report.Difference, runs bool) error {
	if runs {
		fmt.Fprintln(os.Stderr, "nsl: the script runs programs; what they change in the lab is not known, and reported as a difference")
	}
	if o.Format == "json" {
		return report.DifferencesJSON(w, list)
	}
	return report.Differences(w, list, o.Commands, terminal.Color(os.Stdout))
}

// check finds a kind that there is none of, or a pattern that is none.
func (o DiffOptions) check() error {
	for _, word := range o.Ignore {
		kind, pattern, _ := strings.Cut(word, ":")
		if !slices.Contains(state.Kinds(), kind) {
			return diag.Errorf("", source.Span{}, "--ignore %s: there is no kind %q", word, kind).
				WithNearest(kind, state.Kinds(), "there are %s", strings.Join(state.Kinds(), ", "))
		}
		if _, err := path.Match(pattern, ""); err != nil {
			return diag.Errorf("", source.Span{}, "--ignore %s: %q is no pattern", word, pattern).
				WithHelp("* is any text, ? one character: --ignore 'route:h*'")
		}
	}
	return nil
}

// comparison is that of a running lab with a script.
type comparison struct {
	Setup
	options script.Options
	// file is the script's, "" for the one of the lab.
	file, name string

	set  *source.Set
	want script.Wanted
	live *state.Lab
}

// reported does something and reports its error.
func (c *comparison) reported(do func() (int, error)) (exit int) {
	exit, err := do()
	if err != nil {
		return diag.Report(os.Stderr, c.set, terminal.Color(os.Stderr), err)
	}
	return exit
}

// read finds out what is wanted, and what there is.
func (c *comparison) read() error {
	if err := c.plan(); err != nil {
		return err
	}
	now, err := stateOf(c.name, c.want.Keys)
	c.live = &now.Lab
	return err
}

// plan plans the script.
func (c *comparison) plan() (err error) {
	var list diag.List
	if c.file == "" {
		a, err := stateOf(c.name, nil)
		if err != nil {
			return err
		}
		built := a.Built.Job.Script
		c.set = &source.Set{}
		c.want, list = c.Wanted(c.set.Add(built.Name, built.Text), built.Options.Run(), c.ModulesOf(c.set, built))
	} else {
		if c.set, err = c.Read([]string{c.file}, os.Stdin); err != nil {
			return err
		}
		c.want, list = c.Wanted(c.set.Files()[0], c.options.Run(), c.Modules(c.set, c.file))
	}
	if list.HasErrors() {
		return list
	}
	return nil
}

// differences are what makes the lab what is wanted.
func (c *comparison) differences(ignore []string) ([]report.Difference, error) {
	ops, notes := state.Diff(c.live, c.want.Lab)
	ops = slices.DeleteFunc(ops, func(op plan.Op) bool { return ignored(ignore, op) })
	var list []report.Difference
	for _, n := range notes {
		if !matches(ignore, n.Kind, n.Object) {
			list = append(list, report.Difference{Kind: n.Kind, Object: n.Object, Note: n.Text})
		}
	}
	if len(ops) == 0 {
		return list, nil
	}
	planned, err := converge.Changes(c.live, c.want)
	if err != nil {
		return nil, err
	}
	planned = slices.DeleteFunc(planned, func(op plan.Op) bool { return ignored(ignore, op) })
	if len(planned) == 0 {
		planned = ops
	}
	return append(converge.Differences(planned), list...), nil
}

func ignored(ignore []string, op plan.Op) bool {
	kind, object := state.KindOf(op)
	return matches(ignore, kind, object)
}

// matches reports whether a difference is to be ignored.
func matches(ignore []string, kind, object string) bool {
	return slices.ContainsFunc(ignore, func(word string) bool {
		k, pattern, limited := strings.Cut(word, ":")
		if k != kind || !limited {
			return k == kind
		}
		node, _, _ := strings.Cut(object, ":")
		whole, _ := path.Match(pattern, object) // checked before
		ofNode, _ := path.Match(pattern, node)
		return whole || ofNode
	})
}
