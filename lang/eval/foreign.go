package eval

import (
	"context"
	"errors"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// errUnknown is the error of a variable that only a run can tell.
var errUnknown = errors.New("known only in a run")

// foreign does the command line of another program, one command after the other: each as
// the statements that it is in the lab that those before it made.
func (in *Interp) foreign(ctx context.Context, st *syntax.Statement) error {
	line := st.Verb()
	if in.own(line) {
		tree := in.Table.Own(line)
		if tree.Diags.HasErrors() {
			return in.caught(st, tree.Diags)
		}
		return in.each(ctx, tree.Statements)
	}
	commands, err := in.Table.Foreign.Commands(line.Text, line.Span, func(name string) (string, error) { return in.variable(line, name) })
	switch list, ok := diag.FromError(err); {
	case ok:
		return in.caught(st, list)
	case err != nil:
		in.Host.Unknown(st)
		return nil
	}
	for _, c := range commands {
		if err := in.command(ctx, st, c); err != nil {
			return err
		}
	}
	return nil
}

// own reports whether a line that looks like a command of another program is a
// statement of nsl: the call of a function, or one about a node of that name.
func (in *Interp) own(line syntax.Token) bool {
	word, node := in.Table.Foreign.First(line.Text)
	if in.Scope.Function(word) != nil {
		return true
	}
	if node == "" {
		return false
	}
	is, err := in.Lab.HasNode(node)
	return err == nil && is
}

// variable is the value of a variable as the shell would have it.
func (in *Interp) variable(line syntax.Token, name string) (string, error) {
	v, ok := in.Scope.Lookup(name)
	switch v := v.(type) {
	case nil:
		if !ok && !in.Scope.anything() {
			return "", diag.List{NoVariable(line.Span, name, in.Scope.Variables())}
		}
		return "", errUnknown
	case Unknown:
		return "", errUnknown
	case List:
		return strings.Join(v.words(), " "), nil
	default:
		return v.String(), nil
	}
}

// command does one command. With || true its errors end it, and nothing else.
func (in *Interp) command(ctx context.Context, st *syntax.Statement, c verb.Command) error {
	t, d := c.Translate(in.Lab)
	if d != nil && !c.MayFail() {
		return in.caught(st, diag.List{d})
	}
	if d != nil {
		c.Failed()
		return nil
	}
	if in.Translated != nil {
		in.Translated(c, t)
	}
	if !c.MayFail() {
		return in.translated(ctx, st, c, t)
	}
	outer := in.tolerant
	in.tolerant = true
	err := in.translated(ctx, st, c, t)
	in.tolerant = outer
	if _, isFinding := diag.FromError(err); isFinding && ctx.Err() == nil {
		c.Failed()
		return nil
	}
	return err
}

// translated does what a command is: the program that only reads, or else the statements.
func (in *Interp) translated(ctx context.Context, st *syntax.Statement, c verb.Command, t verb.Translation) error {
	if len(t.Reads.Argv) > 0 {
		if done, err := in.Host.Read(ctx, st, t.Reads); done || err != nil {
			return in.caught(st, err)
		}
	}
	tree := in.Table.InNSL(strings.Join(t.Statements, "\n"), c)
	if tree.Diags.HasErrors() {
		return in.caught(st, tree.Diags)
	}
	if len(tree.Statements) < 2 {
		return in.each(ctx, tree.Statements)
	}
	return in.Host.Whole(func() error { return in.each(ctx, tree.Statements) })
}

// each does statements in the scope that is there.
func (in *Interp) each(ctx context.Context, list []*syntax.Statement) error {
	for _, st := range list {
		if err := in.Do(ctx, st); err != nil {
			return err
		}
	}
	return nil
}
