package eval

import (
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

// Word is a word or string of a statement as an expression: what its "$" read.
func Word(t syntax.Token) (Expr, *diag.Diagnostic) { return wordExpr(t) }

// Arguments are the expressions after the name of a function that is called:
// each a value, a list or a call of a built-in function.
func Arguments(st *syntax.Statement) ([]Expr, *diag.Diagnostic) {
	items, d := statementItems(st.Head()[1:])
	if d != nil {
		return nil, d
	}
	p := &exprParser{items: items}
	var list []Expr
	for p.pos < len(p.items) {
		e, d := p.operand()
		if d != nil {
			return nil, d
		}
		list = append(list, e)
	}
	return list, nil
}

// Refuses is what is wrong with a call of the function, but for the values.
func (f *Function) Refuses(st *syntax.Statement, args []Expr) *diag.Diagnostic {
	if b := st.Parts[0].Block; b != nil {
		return diag.TakesNoBlock(b.Span, f.Name)
	}
	if len(args) >= f.Needs() && len(args) <= len(f.Params) {
		return nil
	}
	where := source.Span{Start: st.Span.End, End: st.Span.End}
	if len(args) > len(f.Params) {
		where = args[len(f.Params)].At()
	}
	return diag.Errorf(diag.BadArgs, where, "%s takes %s, not %d", f.Name, countOf(f), len(args)).
		WithHelp("usage: %s", f.Usage()).WithRelated(f.At, "it is defined here")
}

// NoVariable is the finding that nothing binds a name; names are those in sight.
func NoVariable(at source.Span, name string, names []string) *diag.Diagnostic {
	d := diag.Errorf(diag.BadVariable, at, "there is no variable %q", name)
	return d.WithNearest(name, names, "set it first: let %s = …", name)
}

// Taken is the finding that a block defines a statement twice.
func Taken(f *Function, old source.Span) *diag.Diagnostic {
	return diag.Errorf(diag.NameTaken, f.At, "there is a statement %q already", f.Name).
		WithHelp("choose another name").WithRelated(old, "the first is here")
}

// Problems are what is wrong with an expression whatever its variables hold:
// calls of functions that do not exist or take other arguments.
func Problems(e Expr) diag.List {
	var list diag.List
	walk(e, func(e Expr) {
		if c, ok := e.(call); ok {
			_, d := c.function()
			list.Add(d)
		}
	})
	if len(list) > 0 || !isConstant(e) {
		return list
	}
	c := Context{Scope: NewScope(nil), Limits: DefaultLimits()}
	if _, d := c.Eval(e); d != nil && d.Code != diag.LimitHit {
		list.Add(d)
	}
	return list
}

// Constant is the value of an expression that has the same one in every run; ok
// is false for all others.
func Constant(e Expr) (v Value, ok bool) {
	if !isConstant(e) {
		return nil, false
	}
	c := Context{Scope: NewScope(nil), Limits: DefaultLimits()}
	v, d := c.Eval(e)
	_, unknown := v.(Unknown)
	return v, d == nil && !unknown
}

// isConstant reports whether an expression asks neither variables nor the run.
func isConstant(e Expr) bool {
	constant := true
	walk(e, func(e Expr) {
		switch e := e.(type) {
		case variable:
			constant = false
		case call:
			switch e.name {
			case "arg", "env", "free":
				constant = false
			}
		}
	})
	return constant
}

// walk calls f for an expression and all that it is made of.
func walk(e Expr, f func(Expr)) {
	f(e)
	switch e := e.(type) {
	case template:
		walkAll(e.parts, f)
	case unary:
		walk(e.x, f)
	case infix:
		walk(e.x, f)
		walk(e.y, f)
	case call:
		walkAll(e.args, f)
	case sequence:
		walkAll(e.items, f)
	}
}

func walkAll(list []Expr, f func(Expr)) {
	for _, e := range list {
		walk(e, f)
	}
}
