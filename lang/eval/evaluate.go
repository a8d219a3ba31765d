package eval

import (
	"errors"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/plan"
)

// Context is what an expression is evaluated in.
type Context struct {
	Scope  *Scope
	Limits Limits
	// Args are the script's arguments, Env its environment; both nil for a
	// checker that does not know them.
	Args []string
	Env  func(name string) (string, bool)
	// Book says who has which address in the lab; nil where that is unknown.
	Book func() (*plan.Book, error)
	// Ran is how the last program ended; nil before the first.
	Ran *Ran
}

// Eval gives the value of an expression.
func (c *Context) Eval(e Expr) (Value, *diag.Diagnostic) {
	switch e := e.(type) {
	case literal:
		return c.bounded(e.at, expandRange(e.v, c.Limits))
	case plainText:
		return Str(e.text), nil
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
	if IsResult(e.name) {
		return c.result(e)
	}
	if c.Scope.anything() {
		return Unknown{}, nil
	}
	return nil, NoVariable(e.at, e.name, c.Scope.Variables())
}

// template puts text and values together. A list in a word makes a word of each
// of its items, and two lists every pair: h${range(3)} is h1 h2 h3. In a string
// a list is written out.
func (c *Context) template(e template) (Value, *diag.Diagnostic) {
	words, many := []string{""}, false
	for _, part := range e.parts {
		v, d := c.Eval(part)
		if d != nil {
			return nil, d
		}
		if _, unknown := v.(Unknown); unknown && e.quoted {
			return Unknown{Str("")}, nil
		} else if unknown {
			return Unknown{}, nil
		}
		var ends []string
		if list, ok := v.(List); ok && !e.quoted {
			ends, many = list.words(), true
		} else {
			text, d := c.text(part.At(), v)
			if d != nil {
				return nil, d
			}
			ends = []string{text}
		}
		if words, d = c.cross(e.at, words, ends); d != nil {
			return nil, d
		}
	}
	switch {
	case e.quoted:
		return Str(words[0]), nil
	case !many:
		return c.bounded(e.at, expandRange(OfWord(words[0]), c.Limits))
	}
	list := make(List, len(words))
	for i, w := range words {
		list[i] = OfWord(w)
	}
	return list, nil
}

// text is a value written out, within the limits.
func (c *Context) text(at source.Span, v Value) (string, *diag.Diagnostic) {
	size := 0
	if list, ok := v.(List); ok {
		for _, w := range list.words() {
			size += len(w) + 1
		}
	}
	if size > c.Limits.Text {
		return "", limit(at, "a text of %d bytes", size, c.Limits.Text, "--max-text")
	}
	return v.String(), nil
}

// cross is every beginning with every end, within the limits.
func (c *Context) cross(at source.Span, beginnings, ends []string) ([]string, *diag.Diagnostic) {
	if n := len(beginnings) * len(ends); n > c.Limits.List {
		return nil, limit(at, "a list of %d items", n, c.Limits.List, "--max-list")
	}
	words := make([]string, 0, len(beginnings)*len(ends))
	size := 0
	for _, b := range beginnings {
		for _, e := range ends {
			if size += len(b) + len(e); size > c.Limits.Text {
				return nil, limit(at, "a text of %d bytes", size, c.Limits.Text, "--max-text")
			}
			words = append(words, b+e)
		}
	}
	return words, nil
}

func (c *Context) unary(e unary) (Value, *diag.Diagnostic) {
	v, d := c.Eval(e.x)
	if d != nil {
		return nil, d
	}
	u, unknown := v.(Unknown)
	switch {
	case unknown && u.Like == nil:
		return v, nil
	case e.op == "not":
		b, err := Truth(v)
		if unknown {
			return Unknown{Bool(true)}, located(e.x.At(), err)
		}
		return Bool(!b), located(e.x.At(), err)
	case unknown:
		r, err := negative(u.Like)
		if errors.As(err, new(kindError)) {
			err = wants("a number or a quantity", v)
		}
		return Unknown{r}, located(e.x.At(), err)
	}
	r, err := negative(v)
	return r, located(e.x.At(), err)
}

func located(at source.Span, err error) *diag.Diagnostic {
	if err == nil {
		return nil
	}
	d := diag.Errorf(diag.BadExpr, at, "%v", err)
	if kind := (kindError{}); errors.As(err, &kind) {
		d.Help = kind.help
	}
	return d
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
		return nil, located(e.all, err)
	}
	return c.bounded(e.all, v)
}

// logic is and, or: the right side is looked at only where it matters.
func (c *Context) logic(e infix, x Value) (Value, *diag.Diagnostic) {
	if u, ok := x.(Unknown); ok && (u.Like == nil || u.isLike(Bool(true))) {
		return Unknown{Bool(true)}, nil
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

// function is what a call names, if it takes that many arguments.
func (e call) function() (function, *diag.Diagnostic) {
	f, ok := functions()[e.name]
	if !ok {
		d := diag.Errorf(diag.BadExpr, e.at, "there is no function %q", e.name)
		return f, d.WithNearest(e.name, functionNames(), "there are %s", strings.Join(functionNames(), " "))
	}
	if len(e.args) < f.least || len(e.args) > f.most {
		return f, diag.Errorf(diag.BadArgs, e.at, "%s does not take %d arguments", e.name, len(e.args)).WithHelp("usage: %s", f.usage)
	}
	return f, nil
}

func (c *Context) call(e call) (Value, *diag.Diagnostic) {
	f, d := e.function()
	if d != nil {
		return nil, d
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
		return c.unknownCall(e, f, args)
	}
	v, err := f.run(c, args)
	var size tooMuchText
	if errors.As(err, &size) {
		return nil, limit(e.at, "a text of %d bytes", int(size), c.Limits.Text, "--max-text")
	}
	if err != nil {
		return nil, c.badCall(e, f, err)
	}
	return c.bounded(e.at, v)
}

// badCall is about arguments that a function does not take. Text that is no number, after a
// program ran, is a failure of that program rather than of the script.
func (c *Context) badCall(e call, f function, err error) *diag.Diagnostic {
	d := diag.Errorf(diag.BadArgs, e.at, "%s: %v", e.name, err).WithHelp("usage: %s", f.usage)
	if c.Ran != nil && errors.As(err, new(notNumber)) {
		d.Severity = diag.Failure
	}
	return d
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
