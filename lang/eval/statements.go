package eval

import (
	"context"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// control runs the statements of the language itself.
func (in *Interp) control(ctx context.Context, st *syntax.Statement, node verb.Node) (bool, error) {
	switch n := node.(type) {
	case *Let:
		return true, in.let(n)
	case *For:
		return true, in.loop(ctx, n)
	case *If:
		return true, in.branch(ctx, n)
	case *Def:
		return true, in.define(n)
	case *Use:
		return true, in.use(ctx, n)
	case *Test:
		return true, in.test(ctx, st, n)
	case *Print:
		return true, in.print(n)
	}
	return false, nil
}

// bindAnyway binds the name of a let that cannot be read: a checker, which goes
// on, would report every use of it as well.
func (in *Interp) bindAnyway(st *syntax.Statement) {
	if name, ok := LetName(st); ok {
		in.Scope.Set(name.Text, Unknown{})
	}
}

// LetName is the name that a let binds, even one that is wrong behind it.
func LetName(st *syntax.Statement) (name syntax.Token, ok bool) {
	t := st.Head()
	if len(t) < 2 || !t[0].Is("let") || variableName(t[1]) != nil {
		return syntax.Token{}, false
	}
	return t[1], true
}

func (in *Interp) let(n *Let) error {
	v, d := in.Eval(n.Value)
	if d != nil {
		in.Scope.Set(n.Name, Unknown{})
		return diag.List{d}
	}
	if preset, ok := in.Preset[n.Name]; ok && in.Scope.outer == nil && len(in.using) == 0 {
		v = preset
	}
	in.Scope.Set(n.Name, v)
	return nil
}

func (in *Interp) print(n *Print) error {
	words := make([]string, len(n.Values))
	for i, e := range n.Values {
		v, d := in.Eval(e)
		if d != nil {
			return diag.List{d}
		}
		if words[i], d = in.text(e.At(), v); d != nil {
			return diag.List{d}
		}
	}
	in.Host.Print(strings.Join(words, " "))
	return nil
}

// loop runs the body once for each item, in a scope of its own.
func (in *Interp) loop(ctx context.Context, n *For) error {
	v, d := in.Eval(n.Over)
	if d != nil {
		return diag.List{d}
	}
	items, ok := v.(List)
	if _, unknown := v.(Unknown); unknown {
		items, ok = List{Unknown{}}, true
	}
	if !ok {
		return diag.List{diag.Errorf(diag.BadExpr, n.Over.At(), "a loop goes over a list, not the %s %s", v.Kind(), Quoted(v)).
			WithHelp("for example: for i in 1..3 { … }, for n in <red blue> { … }")}
	}
	if len(n.Body.Statements) == 0 {
		return nil // rounds in which nothing is done would not count as steps
	}
	for _, item := range items {
		if err := in.bound(ctx, []binding{{n.Name, item}}, in.Scope, n.Body); err != nil {
			return err
		}
	}
	return nil
}

// bound runs a block in a new scope inside another, with variables bound.
func (in *Interp) bound(ctx context.Context, vars []binding, outer *Scope, body *syntax.Block) error {
	saved, loops := in.Scope, len(in.loops)
	defer func() { in.Scope, in.loops = saved, in.loops[:loops] }()
	in.Scope = NewScope(outer)
	for _, b := range vars {
		in.Scope.Set(b.name, b.v)
	}
	in.loops = append(in.loops, vars...)
	return in.statements(ctx, body.Statements)
}

func (in *Interp) branch(ctx context.Context, n *If) error {
	for _, b := range n.Branches {
		if b.Cond == nil {
			return in.block(ctx, b.Body)
		}
		v, d := in.Eval(b.Cond)
		if d != nil {
			return diag.List{d}
		}
		if _, unknown := v.(Unknown); unknown {
			if err := in.block(ctx, b.Body); err != nil {
				return err
			}
			continue // a checker looks at every branch that may be taken
		}
		yes, err := Truth(v)
		if err != nil {
			return diag.List{located(b.Cond.At(), err)}
		}
		if yes {
			return in.block(ctx, b.Body)
		}
	}
	return nil
}

func (in *Interp) define(n *Def) error {
	f := n.Function
	if old := in.Scope.defs[f.Name]; old != nil && old.At != f.At {
		return diag.List{Taken(f, old)}
	}
	defined := *f
	defined.Scope = in.Scope
	in.Scope.defs[f.Name] = &defined
	return nil
}

func (in *Interp) test(ctx context.Context, st *syntax.Statement, n *Test) error {
	v, d := in.Eval(n.Name)
	if d != nil {
		return diag.List{d}
	}
	name, d := in.text(n.Name.At(), v)
	if d != nil {
		return diag.List{d}
	}
	return in.Host.Test(ctx, name, st.Span, func() error { return in.block(ctx, n.Body) })
}
