package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// langOptions are the flags that bear on what a script means.
type langOptions struct {
	Set    []string
	Limits eval.Limits
	// Args are the script's arguments.
	Args []string
	// Known: this process is the run, or as good as it: arguments and environment
	// are the script's.
	Known bool
}

func (o *langOptions) flags(c *cobra.Command) {
	o.Limits = eval.DefaultLimits()
	f := c.Flags()
	f.StringArrayVar(&o.Set, "set", nil, "give a variable of the script another value: --set n=50")
	f.IntVar(&o.Limits.Steps, "max-steps", o.Limits.Steps, "the most statements that are run")
	f.IntVar(&o.Limits.Depth, "max-depth", o.Limits.Depth, "the most functions that call one another")
	f.IntVar(&o.Limits.List, "max-list", o.Limits.List, "the most items of a list")
	f.IntVar(&o.Limits.Text, "max-text", o.Limits.Text, "the most bytes of a text")
	f.IntVar(&o.Limits.Uses, "max-uses", o.Limits.Uses, "the most modules that use one another")
	args := c.PreRunE
	c.PreRunE = func(c *cobra.Command, a []string) error {
		for _, s := range o.Set {
			if name, _, ok := strings.Cut(s, "="); !ok || name == "" {
				return fmt.Errorf("--set %s: write --set NAME=VALUE", s)
			}
		}
		if args != nil {
			return args(c, a)
		}
		return nil
	}
}

// known takes this process's environment for the script's.
func (o langOptions) known() langOptions {
	o.Known = true
	return o
}

func (o langOptions) vars() map[string]eval.Value {
	vars := map[string]eval.Value{}
	for _, s := range o.Set {
		name, value, _ := strings.Cut(s, "=")
		vars[name] = eval.OfWord(value)
	}
	return vars
}

// unbound are the names of --set that no let of a script's outermost block
// binds, as findings.
func (o langOptions) unbound(table *verb.Table, tree *syntax.Tree) diag.List {
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

func (o langOptions) check(m eval.Modules) check.Options {
	c := check.Options{Limits: o.Limits, Modules: m, Preset: o.vars(), Args: o.Args, Each: func(check.Step) {}}
	if o.Known {
		c.Env = os.LookupEnv
	}
	return c
}

// apply sets up the interpreter of a run.
func (o langOptions) apply(in *eval.Interp, name string, m eval.Modules) {
	in.Name, in.Limits, in.Modules, in.Args, in.Env, in.Preset = name, o.Limits, m, o.Args, os.LookupEnv, o.vars()
}
