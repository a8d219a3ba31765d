package eval

import (
	"context"
	"errors"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// Host does what the statements of the table say.
type Host interface {
	// Statement does one statement, all of whose words have their values.
	Statement(ctx context.Context, p verb.Parsed, s Situation) error
	// Read answers a command line of another program that only reads. It reports false
	// where the statements are to answer that the line is in nsl.
	Read(ctx context.Context, st *syntax.Statement, r verb.Reading) (done bool, err error)
	// Test brackets a test block: what body changes is undone when it ends.
	Test(ctx context.Context, name string, at source.Span, body func() error) error
	// Whole does body, whose statements are one command of another program: if one of
	// them fails, nothing of them is done.
	Whole(body func() error) error
	// OneOf does the alternatives of which a run does one: a checker does each from
	// where they begin, and goes on with what they have in common.
	OneOf(alternatives []func() error) error
	// Settle does what statements have left to be done with those that follow; the error
	// is that of the first one that fails.
	Settle() error
	// Print writes one line.
	Print(text string)
	// Stop is called with each error that ends a statement, and returns it; to return
	// nil is to go on with the next one, as a checker does.
	Stop(st *syntax.Statement, list diag.List) error
	// Unknown is called with a statement that only a run can evaluate.
	Unknown(st *syntax.Statement)
	// Wrong reports a statement that is not to be done, since what is wrong with it
	// has been reported. Those that follow are done as if it were right.
	Wrong(st *syntax.Statement) bool
}

// statement is a statement of the language itself, which runs itself.
type statement interface {
	run(ctx context.Context, in *Interp, st *syntax.Statement) error
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
	// Parsed are the statements of fixed words that have been parsed, to which it adds.
	Parsed map[*syntax.Statement]verb.Parsed
	// Lab is asked what command lines of other programs mean; they are refused without.
	Lab verb.Lab
	// Translated is called with each command of another program, before it is done, and
	// the statements that it is; it may be nil.
	Translated func(c verb.Command, t verb.Translation)
	// Granted is called with each grant, and returns why it does not count; nil where it
	// does.
	Granted func(g *Grant, at source.Span) *diag.Diagnostic
	Context

	steps int
	// maybe is how many alternatives inside one another are being done.
	maybe int
	// tolerant is set while a line is done that goes on after an error.
	tolerant bool
	// deferred is how many statements the blocks have deferred that are being done.
	deferred int
	frames   []frame
	loops    []binding
	used     map[string]*Scope
	using    []string
}

// New makes an interpreter with an empty outermost scope.
func New(table *verb.Table, host Host) *Interp {
	return &Interp{Table: table, Host: host, Parsed: map[*syntax.Statement]verb.Parsed{}, used: map[string]*Scope{},
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

// statements runs a sequence, and in the end what it deferred, last first.
func (in *Interp) statements(ctx context.Context, list []*syntax.Statement) (err error) {
	var deferred []*syntax.Statement
	for _, st := range list {
		if d := in.deferral(st); d != nil {
			if err = in.Host.Settle(); err != nil {
				break
			}
			deferred = append(deferred, d)
			in.deferred++
			continue
		}
		if err = in.Do(ctx, st); err != nil {
			break
		}
	}
	if len(deferred) == 0 {
		return err
	}
	defer func() { in.deferred -= len(deferred) }()
	ctx, cancel := Deferring(ctx)
	defer cancel()
	for i := len(deferred) - 1; i >= 0; i-- {
		err = both(err, in.Do(ctx, deferred[i]))
	}
	return err
}

// both is two errors as one list, so that neither hides the other.
func both(first, second error) error {
	list, ok := diag.FromError(first)
	more, okMore := diag.FromError(second)
	if !ok || !okMore {
		return errors.Join(first, second)
	}
	return handled{slices.Concat(list, more)}
}

// deferral is what a statement defers, or nil; [Interp.Do] reports what is wrong.
func (in *Interp) deferral(st *syntax.Statement) *syntax.Statement {
	if st.Bad || in.Table.Role(st.Verb()) != verb.RoleDefer {
		return nil
	}
	p, _, _ := in.parse(st)
	if d, ok := p.Node.(*Defer); ok {
		return d.Statement
	}
	return nil
}

// Do runs one statement.
func (in *Interp) Do(ctx context.Context, st *syntax.Statement) error {
	if ctx.Err() != nil {
		return diag.List{diag.Errorf(diag.Interrupted, st.Span, "interrupted; nothing was done from here on")}
	}
	if in.steps++; in.steps > in.Limits.Steps {
		return diag.List{limit(st.Span, "statement number %d of this run", in.steps, in.Limits.Steps, StepsFlag)}
	}
	if in.Host.Wrong(st) || st.Bad {
		in.bindAnyway(st)
		return nil
	}
	if st.Verb().Kind == syntax.Foreign {
		return in.foreign(ctx, st)
	}
	if f := in.Scope.Function(st.Verb().Text); f != nil && st.Verb().Kind == syntax.Word {
		return in.caught(st, in.call(ctx, f, st))
	}
	p, unknown, list := in.parse(st)
	if len(list) > 0 {
		in.bindAnyway(st)
		return in.caught(st, list)
	}
	if unknown {
		in.Host.Unknown(st)
		return nil
	}
	if own, ok := p.Node.(statement); ok {
		return in.caught(st, own.run(ctx, in, st))
	}
	return in.caught(st, in.Host.Statement(ctx, p, in.situation()))
}

// bindAnyway binds what a statement that cannot be read would bind: a checker, which
// goes on, would report every use of it as well.
func (in *Interp) bindAnyway(st *syntax.Statement) {
	if name, ok := LetName(in.Table, st); ok {
		in.Scope.Set(name.Text, Unknown{})
	}
	if name, ok := DefName(in.Table, st); ok && in.Scope.defs[name.Text] == nil {
		in.Scope.defs[name.Text] = &Function{Name: name.Text, At: name.Span}
	}
	if in.Table.Role(st.Verb()) == verb.RoleUse {
		in.Scope.open = true
	}
}

// caught hands an error to the host once, with how it came to the statement.
func (in *Interp) caught(st *syntax.Statement, err error) error {
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
	if in.Lab != nil {
		in.Table.Meant(in.Lab, st, list)
	}
	for _, d := range list {
		in.situation().Explain(d)
	}
	if in.tolerant {
		return handled{list}
	}
	if err := in.Host.Stop(st, list); err != nil {
		return handled{err}
	}
	return nil
}

// handled marks an error that the host has got.
type handled struct{ error }

func (h handled) Unwrap() error { return h.error }

// Handled is an error of a statement that others have followed: each finding says already how
// its statement was reached, and it ends the script.
func Handled(list diag.List) error { return handled{list} }

// Immediate reports that a statement is to be done before the next one begins: what is done
// after it depends on whether it fails.
func (in *Interp) Immediate() bool { return in.tolerant || in.deferred > 0 }

// parse parses a statement, once if its words are always the same.
func (in *Interp) parse(st *syntax.Statement) (p verb.Parsed, unknown bool, list diag.List) {
	if p, ok := in.Parsed[st]; ok {
		return p, false, nil
	}
	v := in.Table.Verb(st.Verb().Text)
	if v == nil && in.Scope.anything() {
		return p, true, nil
	}
	if v == nil {
		return p, false, diag.List{in.Table.UnknownVerb(st, in.Scope.Functions()...)}
	}
	flat := in.Table.Flat(st)
	if flat.Bad {
		return p, true, nil // the splitter has said what is wrong with a line
	}
	if v.ParseStatement == nil && flat.Dynamic() {
		expanded, unknown, d := in.expand(flat)
		if d != nil || unknown {
			return p, unknown, one(d)
		}
		p, list = in.Table.Parse(expanded)
		return p, false, list
	}
	if p, list = in.Table.Parse(st); len(list) == 0 {
		in.Parsed[st] = p
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
