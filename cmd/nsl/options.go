package main

import (
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
	c.Flags().Var(script.GrantFlag{Access: a}, "grant", "give the lab what its script asks for, or exactly read=DIR,write=DIR,run=FILE,env=NAME")
	c.Flags().Lookup("grant").NoOptDefVal = script.GrantAsAsked
	c.Flags().BoolVar(&a.Trusted, "trust", false, "do not confine the lab: it sees your files and your environment")
}

// scriptFlags are the flags that bear on what a script means.
func scriptFlags(c *cobra.Command, o *script.Options) {
	o.Limits = eval.DefaultLimits()
	f := c.Flags()
	f.StringArrayVar(&o.Set, "set", nil, "give a variable of the script another value: --set n=50")
	for _, l := range o.Limits.Bounds() {
		f.IntVar(l.Value, l.Flag, *l.Value, l.Usage)
	}
	c.PreRunE = func(*cobra.Command, []string) error { return o.CheckSet() }
}
