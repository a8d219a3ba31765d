package eval

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

// Context is what an expression is evaluated in.
type Context struct {
	Scope  *Scope
	Limits Limits
	// Args are the script's arguments, Env its environment; both nil for a
	// checker that does not know them.
	Args []string
	Env  func(name string) (string, bool)
}

// Eval gives the value of an expression.
func (c *Context) Eval(e Expr) (Value, *diag.Diagnostic) {
	switch e := e.(type) {
	case literal:
		return c.bounded(e.at, expandRange(e.v, c.Limits))
	case variable:
		return c.variable(e)
	case template:
		return c.template(e)
	case unary:
		return c.unary(e)
	case infix:
		return c.infix(e)
	case call:
		return c.call(e)
	case sequence:
		return c.sequence(e)
	}
	return nil, diag.Errorf(diag.BadExpr, e.At(), "this has no value")
}

func (c *Context) variable(e variable) (Value, *diag.Diagnostic) {
	if v, ok := c.Scope.Lookup(e.name); ok {
		return v, nil
	}
	d := diag.Errorf(diag.BadVariable, e.at, "there is no variable %q", e.name)
	if help := diag.DidYouMean(e.name, c.Scope.names()); help != "" {
		return nil, d.WithHelp("%s", help)
	}
	return nil, d.WithHelp("bind it first: let %s = …", e.name)
}

func (c *Context) template(e template) (Value, *diag.Diagnostic) {
	var b strings.Builder
	for _, part := range e.parts {
		v, d := c.Eval(part)
		if d != nil {
			return nil, d
		}
		switch v.(type) {
		case Unknown:
			return Unknown{}, nil
		case List:
			if !e.quoted {
				return nil, diag.Errorf(diag.BadExpr, part.At(), "a list cannot be part of a word").
					WithHelp("use its items one by one, or join them: ${join(…, \"-\")}")
			}
		}
		if text, ok := part.(literal); ok {
			b.WriteString(string(text.v.(Str)))
			continue
		}
		b.WriteString(v.String())
	}
	if e.quoted {
		return c.bounded(e.at, Str(b.String()))
	}
	return c.bounded(e.at, expandRange(OfWord(b.String()), c.Limits))
}

func (c *Context) unary(e unary) (Value, *diag.Diagnostic) {
	v, d := c.Eval(e.x)
	if _, ok := v.(Unknown); ok || d != nil {
		return v, d
	}
	if e.op == "not" {
		b, err := Truth(v)
		return Bool(!b), located(e.x.At(), err)
	}
	r, err := quantities("*", v, Int(-1))
	if n, ok := v.(Int); ok {
		r, err = Int(-n), nil
	}
	return r, located(e.x.At(), err)
}

func located(at source.Span, err error) *diag.Diagnostic {
	if err == nil {
		return nil
	}
	return diag.Errorf(diag.BadExpr, at, "%v", err)
}

func (c *Context) infix(e infix) (Value, *diag.Diagnostic) {
	x, d := c.Eval(e.x)
	if d != nil {
		return nil, d
	}
	if e.op == "and" || e.op == "or" {
		return c.logic(e, x)
	}
	y, d := c.Eval(e.y)
	if d != nil {
		return nil, d
	}
	v, err := binary(e.op, x, y)
	if err != nil {
		return nil, diag.Errorf(diag.BadExpr, e.at, "%v", err)
	}
	return c.bounded(e.At(), v)
}

// logic is and, or: the right side is looked at only where it matters.
func (c *Context) logic(e infix, x Value) (Value, *diag.Diagnostic) {
	if _, ok := x.(Unknown); ok {
		return Unknown{}, nil
	}
	left, err := Truth(x)
	if err != nil {
		return nil, located(e.x.At(), err)
	}
	if left == (e.op == "or") {
		return Bool(left), nil
	}
	y, d := c.Eval(e.y)
	if _, ok := y.(Unknown); ok || d != nil {
		return y, d
	}
	right, err := Truth(y)
	return Bool(right), located(e.y.At(), err)
}

func (c *Context) sequence(e sequence) (Value, *diag.Diagnostic) {
	list := List{}
	for _, item := range e.items {
		v, d := c.Eval(item)
		if d != nil {
			return nil, d
		}
		if inner, ok := v.(List); ok {
			list = append(list, inner...)
		} else {
			list = append(list, v)
		}
	}
	return c.bounded(e.at, list)
}

func (c *Context) call(e call) (Value, *diag.Diagnostic) {
	f, ok := functions()[e.name]
	if !ok {
		d := diag.Errorf(diag.BadExpr, e.at, "there is no function %q", e.name)
		if help := diag.DidYouMean(e.name, functionNames()); help != "" {
			return nil, d.WithHelp("%s", help)
		}
		return nil, d.WithHelp("there are %s", strings.Join(functionNames(), " "))
	}
	if len(e.args) < f.least || len(e.args) > f.most {
		return nil, diag.Errorf(diag.BadArgs, e.at, "%s does not take %d arguments", e.name, len(e.args)).WithHelp("usage: %s", f.usage)
	}
	args := make([]Value, len(e.args))
	unknown := false
	for i, arg := range e.args {
		v, d := c.Eval(arg)
		if d != nil {
			return nil, d
		}
		_, u := v.(Unknown)
		args[i], unknown = v, unknown || u
	}
	if unknown {
		return Unknown{}, nil
	}
	v, err := f.run(c, args)
	if err != nil {
		return nil, diag.Errorf(diag.BadArgs, e.at, "%s: %v", e.name, err).WithHelp("usage: %s", f.usage)
	}
	return c.bounded(e.at, v)
}

// bounded checks a value against the limits.
func (c *Context) bounded(at source.Span, v Value) (Value, *diag.Diagnostic) {
	switch v := v.(type) {
	case Str:
		if len(v) > c.Limits.Text {
			return nil, limit(at, "a text of %d bytes", len(v), c.Limits.Text, "--max-text")
		}
	case List:
		if len(v) > c.Limits.List {
			return nil, limit(at, "a list of %d items", len(v), c.Limits.List, "--max-list")
		}
	case tooLong:
		return nil, limit(at, "a list of %d items", int(v), c.Limits.List, "--max-list")
	}
	return v, nil
}

// Expand evaluates the words of a statement. A list becomes a list, or more
// items where it stands in one. unknown is set when only a run can tell.
func (c *Context) Expand(tokens []syntax.Token) (out []syntax.Token, unknown bool, d *diag.Diagnostic) {
	out = make([]syntax.Token, 0, len(tokens))
	depth := 0
	for _, t := range tokens {
		switch t.Kind {
		case syntax.ListOpen:
			depth++
		case syntax.ListClose:
			depth--
		}
		if !t.Dynamic {
			out = append(out, t)
			continue
		}
		e, d := wordExpr(t)
		if d != nil {
			return nil, false, d
		}
		v, d := c.Eval(e)
		if d != nil {
			return nil, false, d
		}
		if _, ok := v.(Unknown); ok {
			unknown = true
			continue
		}
		out = append(out, tokensOf(t, v, depth > 0)...)
	}
	return out, unknown, nil
}

// tokensOf are the tokens that a value stands for at the place of t.
func tokensOf(t syntax.Token, v Value, inList bool) []syntax.Token {
	list, ok := v.(List)
	if !ok {
		return []syntax.Token{tokenOf(t, v)}
	}
	var out []syntax.Token
	for _, item := range list {
		out = append(out, tokenOf(t, item))
	}
	if inList {
		return out
	}
	open := syntax.Token{Kind: syntax.ListOpen, Span: t.Span, Text: "<"}
	closing := syntax.Token{Kind: syntax.ListClose, Span: t.Span, Text: ">"}
	return append(append([]syntax.Token{open}, out...), closing)
}

// tokenOf is one value as a word; as a string where it was one, or could not
// be written as a word.
func tokenOf(t syntax.Token, v Value) syntax.Token {
	text := v.String()
	if t.Kind == syntax.Word && text != "" && !strings.ContainsAny(text, " \t\r\n;{}()<>\"',") {
		return syntax.Token{Kind: syntax.Word, Span: t.Span, Text: text}
	}
	return syntax.Token{Kind: syntax.String, Span: t.Span, Text: syntax.Quote(text)}
}
