package eval

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// Host does what the statements of the table say.
type Host interface {
	// Statement does one statement, all of whose words have their values.
	Statement(ctx context.Context, p verb.Parsed, s Situation) error
	// Test brackets a test block: what body changes is undone when it ends.
	Test(ctx context.Context, name string, at source.Span, body func() error) error
	// Print writes one line.
	Print(text string)
	// Stop is told of each error that ends a statement, and returns it; to return
	// nil is to go on with the next one, as a checker does.
	Stop(list diag.List) error
	// Unknown is told of a statement that only a run can evaluate.
	Unknown(st *syntax.Statement)
}

// Situation says how a statement was reached.
type Situation struct {
	// Calls are the calls of functions that lead to it, the innermost first.
	Calls []diag.Related
	// With are the loop variables and parameters: `i = 3, name = "h3"`.
	With string
}

// Explain adds the situation to a finding.
func (s Situation) Explain(d *diag.Diagnostic) {
	if s.With != "" {
		d.Help = strings.TrimPrefix(d.Help+"\nwith "+s.With, "\n")
	}
	d.Related = append(d.Related, s.Calls...)
}

// Interp runs statements.
type Interp struct {
	Table *verb.Table
	Host  Host
	// Modules finds what use names.
	Modules Modules
	// Name is the script's own, for the modules beside it.
	Name string
	// Preset are values for the outermost block's let, from the command line.
	Preset map[string]Value
	Context

	steps  int
	frames []frame
	loops  []binding
	parsed map[*syntax.Statement]verb.Parsed
	used   map[string]*Scope
	using  []string
}

// frame is a function that is being run.
type frame struct {
	f  *Function
	at source.Span
	// loops is the number of bindings when it began.
	loops int
}

// binding is a loop variable or parameter, for messages.
type binding struct {
	name string
	v    Value
}

// New makes an interpreter with an empty outermost scope.
func New(table *verb.Table, host Host) *Interp {
	return &Interp{Table: table, Host: host, parsed: map[*syntax.Statement]verb.Parsed{}, used: map[string]*Scope{},
		Context: Context{Scope: NewScope(nil), Limits: DefaultLimits()}}
}

// Run runs the statements of a script in the outermost scope; what they defer
// runs at their end.
func (in *Interp) Run(ctx context.Context, statements []*syntax.Statement) error {
	return in.statements(ctx, statements)
}

// Block runs the statements of a block in a scope of its own.
func (in *Interp) block(ctx context.Context, b *syntax.Block) error {
	outer := in.Scope
	in.Scope = NewScope(outer)
	defer func() { in.Scope = outer }()
	return in.statements(ctx, b.Statements)
}

// statements runs a sequence, and in the end what it deferred, last first.
func (in *Interp) statements(ctx context.Context, list []*syntax.Statement) (err error) {
	var deferred []*syntax.Statement
	for _, st := range list {
		if d, ok := in.deferral(st); ok {
			deferred = append(deferred, d)
			continue
		}
		if err = in.Do(ctx, st); err != nil {
			break
		}
	}
	for i := len(deferred) - 1; i >= 0; i-- {
		// What is deferred runs even when Ctrl-C ended the block.
		err = errors.Join(err, in.Do(context.WithoutCancel(ctx), deferred[i]))
	}
	return err
}

func (in *Interp) deferral(st *syntax.Statement) (*syntax.Statement, bool) {
	if st.Bad || !st.Verb().Is("defer") {
		return nil, false
	}
	p, list := in.Table.Parse(st)
	if len(list) > 0 {
		return nil, false // Do will say so
	}
	d, ok := p.Node.(*Defer)
	if !ok {
		return nil, false
	}
	return d.Statement, true
}

// Do runs one statement.
func (in *Interp) Do(ctx context.Context, st *syntax.Statement) error {
	if st.Bad {
		return nil
	}
	if in.steps++; in.steps > in.Limits.Steps {
		return diag.List{limit(st.Span, "statement number %d of this run", in.steps, in.Limits.Steps, "--max-steps")}
	}
	if f := in.Scope.Function(st.Verb().Text); f != nil && st.Verb().Kind == syntax.Word {
		return in.caught(in.call(ctx, f, st))
	}
	p, unknown, list := in.parse(st)
	if len(list) > 0 {
		return in.caught(list)
	}
	if unknown {
		in.Host.Unknown(st)
		return nil
	}
	if done, err := in.control(ctx, st, p.Node); done {
		return in.caught(err)
	}
	return in.caught(in.Host.Statement(ctx, p, in.situation()))
}

// caught hands an error to the host once, with how it came to the statement.
func (in *Interp) caught(err error) error {
	if err == nil {
		return nil
	}
	var told handled
	if errors.As(err, &told) {
		return err
	}
	list, ok := diag.FromError(err)
	if !ok {
		return err
	}
	for _, d := range list {
		in.situation().Explain(d)
	}
	if err := in.Host.Stop(list); err != nil {
		return handled{err}
	}
	return nil
}

// handled marks an error that the host has been told of.
type handled struct{ error }

func (h handled) Unwrap() error { return h.error }

// parse parses a statement, once if its words are always the same.
func (in *Interp) parse(st *syntax.Statement) (p verb.Parsed, unknown bool, list diag.List) {
	if p, ok := in.parsed[st]; ok {
		return p, false, nil
	}
	v := in.Table.Verb(st.Verb().Text)
	if v == nil {
		return p, false, diag.List{in.Table.UnknownVerb(st.Verb(), in.Scope.Functions()...)}
	}
	if v.ParseStatement == nil && st.Dynamic() {
		expanded, unknown, d := in.expand(st)
		if d != nil || unknown {
			return p, unknown, one(d)
		}
		p, list = in.Table.Parse(expanded)
		return p, false, list
	}
	if p, list = in.Table.Parse(st); len(list) == 0 {
		in.parsed[st] = p
	}
	return p, false, list
}

// expand is the statement with the values of its words.
func (in *Interp) expand(st *syntax.Statement) (*syntax.Statement, bool, *diag.Diagnostic) {
	out := &syntax.Statement{Span: st.Span, Doc: st.Doc}
	for _, part := range st.Parts {
		tokens, unknown, d := in.Expand(part.Tokens)
		if d != nil || unknown {
			return nil, unknown, d
		}
		out.Parts = append(out.Parts, syntax.Part{Tokens: tokens, Block: part.Block})
	}
	return out, false, nil
}

func (in *Interp) situation() Situation {
	var s Situation
	for i := len(in.frames) - 1; i >= 0; i-- {
		s.Calls = append(s.Calls, diag.Related{Span: in.frames[i].at, Text: "called here"})
	}
	var with []string
	for _, b := range in.loops {
		with = append(with, b.name+" = "+Quoted(b.v))
	}
	s.With = strings.Join(with, ", ")
	return s
}

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

func (in *Interp) let(n *Let) error {
	v, d := in.Eval(n.Value)
	if d != nil {
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
		words[i] = v.String()
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
		return diag.List{diag.Errorf(diag.NameTaken, f.At, "there is a statement %q already", f.Name).
			WithHelp("choose another name").WithRelated(old.At, "the first is here")}
	}
	defined := *f
	defined.Scope = in.Scope
	in.Scope.defs[f.Name] = &defined
	return nil
}

// call runs a function.
func (in *Interp) call(ctx context.Context, f *Function, st *syntax.Statement) error {
	args, d := in.arguments(f, st)
	if d != nil {
		return diag.List{d}
	}
	if len(in.frames) >= in.Limits.Depth {
		return diag.List{limit(st.Verb().Span, "call number %d inside one another", len(in.frames)+1, in.Limits.Depth, "--max-depth")}
	}
	in.frames = append(in.frames, frame{f, st.Span, len(in.loops)})
	saved := in.loops
	in.loops = nil
	defer func() { in.frames, in.loops = in.frames[:len(in.frames)-1], saved }()
	return in.bound(ctx, args, f.Scope, f.Body)
}

// arguments binds the words behind a function's name to its parameters.
func (in *Interp) arguments(f *Function, st *syntax.Statement) ([]binding, *diag.Diagnostic) {
	if b := st.Parts[0].Block; b != nil {
		return nil, diag.Errorf(diag.NoBlockHere, b.Span, "%s takes no block", f.Name)
	}
	values, at, d := in.argumentValues(st)
	if d != nil {
		return nil, d
	}
	if len(values) < f.Needs() || len(values) > len(f.Params) {
		where := st.Verb().Span
		if len(values) > len(f.Params) {
			where = at[len(f.Params)]
		}
		return nil, diag.Errorf(diag.BadArgs, where, "%s takes %s, not %d", f.Name, countOf(f), len(values)).
			WithHelp("usage: %s", f.Usage()).WithRelated(f.At, "it is defined here")
	}
	args := make([]binding, len(f.Params))
	for i, p := range f.Params {
		if args[i] = (binding{name: p.Name}); i < len(values) {
			args[i].v = values[i]
			continue
		}
		outer := in.Scope
		in.Scope = f.Scope
		args[i].v, d = in.Eval(p.Default)
		in.Scope = outer
		if d != nil {
			return nil, d
		}
	}
	return args, nil
}

func countOf(f *Function) string {
	switch most := len(f.Params); {
	case f.Needs() != most:
		return fmt.Sprintf("%d to %d arguments", f.Needs(), most)
	case most == 1:
		return "1 argument"
	default:
		return fmt.Sprintf("%d arguments", most)
	}
}

// argumentValues are the words of a call: each a value, a list or a call of a
// built-in function.
func (in *Interp) argumentValues(st *syntax.Statement) ([]Value, []source.Span, *diag.Diagnostic) {
	items, d := statementItems(st.Head()[1:])
	if d != nil {
		return nil, nil, d
	}
	p := &exprParser{items: items}
	var values []Value
	var at []source.Span
	for p.pos < len(p.items) {
		e, d := p.operand()
		if d != nil {
			return nil, nil, d
		}
		v, d := in.Eval(e)
		if d != nil {
			return nil, nil, d
		}
		values, at = append(values, v), append(at, e.At())
	}
	return values, at, nil
}

func (in *Interp) test(ctx context.Context, st *syntax.Statement, n *Test) error {
	v, d := in.Eval(n.Name)
	if d != nil {
		return diag.List{d}
	}
	return in.Host.Test(ctx, v.String(), st.Span, func() error { return in.block(ctx, n.Body) })
}
