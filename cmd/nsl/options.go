package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"nsl/lang/eval"
	"nsl/lang/script"
	"nsl/stdlib"
)

// language is the language of this program's scripts.
func language() script.Language {
	return script.Language{Table: stdlib.Table(), Library: stdlib.Std(), Commands: commandNames}
}

// runOptions are the flags of run.
type runOptions struct {
	Verbose bool
	Script  script.Options
	Access  script.Access
}

func (o *runOptions) flags(c *cobra.Command) {
	accessFlags(c, &o.Access)
	o.statementFlags(c)
}

// statementFlags are the flags of run that bear on statements.
func (o *runOptions) statementFlags(c *cobra.Command) {
	scriptFlags(c, &o.Script)
	c.Flags().BoolVarP(&o.Verbose, "verbose", "v", false, "print under each statement what it did")
}

// accessFlags are the flags that say what a lab gets of the person who runs it.
func accessFlags(c *cobra.Command, a *script.Access) {
	c.Flags().Var(&a.Grants, "grant", "give the lab files and variables: read=DIR,write=DIR,run=FILE,env=NAME")
	c.Flags().BoolVar(&a.Trusted, "trust", false, "do not confine the lab: it sees your files and your environment")
}

// scriptFlags are the flags that bear on what a script means.
func scriptFlags(c *cobra.Command, o *script.Options) {
	o.Limits = eval.DefaultLimits()
	f := c.Flags()
	f.StringArrayVar(&o.Set, "set", nil, "give a variable of the script another value: --set n=50")
	f.IntVar(&o.Limits.Steps, "max-steps", o.Limits.Steps, "maximum number of statements run")
	f.IntVar(&o.Limits.Depth, "max-depth", o.Limits.Depth, "maximum call depth")
	f.IntVar(&o.Limits.List, "max-list", o.Limits.List, "maximum number of items of a list")
	f.IntVar(&o.Limits.Text, "max-text", o.Limits.Text, "maximum number of bytes of a text")
	f.IntVar(&o.Limits.Uses, "max-uses", o.Limits.Uses, "maximum depth of modules that use modules")
	c.PreRunE = func(*cobra.Command, []string) error {
		for _, s := range o.Set {
			if name, _, ok := strings.Cut(s, "="); !ok || name == "" {
				return fmt.Errorf("--set %s: write --set NAME=VALUE", s)
			}
		}
		return nil
	}
}
