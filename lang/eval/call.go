package eval

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

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

// frame is a function that is being run.
type frame struct {
	f  *Function
	at source.Span
	// maybe is that of the interpreter when it was called.
	maybe int
}

// binding is a loop variable or parameter, for messages.
type binding struct {
	name string
	v    Value
}

// call runs a function.
func (in *Interp) call(ctx context.Context, f *Function, st *syntax.Statement) error {
	if f.Body == nil || in.mayEnd(f) {
		in.Host.Unknown(st)
		return nil
	}
	args, d := in.arguments(f, st)
	if d != nil {
		return diag.List{d}
	}
	if len(in.frames) >= in.Limits.Depth {
		return diag.List{limit(st.Verb().Span, "call number %d inside one another", len(in.frames)+1, in.Limits.Depth, "--max-depth")}
	}
	in.frames = append(in.frames, frame{f, st.Span, in.maybe})
	defer func() { in.frames = in.frames[:len(in.frames)-1] }()
	return in.bound(ctx, args, f.Scope, f.Body)
}

// mayEnd reports that a function calls itself in one of several alternatives: only
// a run knows how often.
func (in *Interp) mayEnd(f *Function) bool {
	return in.maybe > 0 && slices.ContainsFunc(in.frames, func(fr frame) bool {
		return fr.f.At == f.At && fr.maybe < in.maybe
	})
}

// arguments binds the words after a function's name to its parameters.
func (in *Interp) arguments(f *Function, st *syntax.Statement) ([]binding, *diag.Diagnostic) {
	list, d := Arguments(st)
	if d == nil {
		d = f.Refuses(st, list)
	}
	if d != nil {
		return nil, d
	}
	args := make([]binding, len(f.Params))
	for i, p := range f.Params {
		args[i].name = p.Name
		if i < len(list) {
			args[i].v, d = in.Eval(list[i])
		} else {
			args[i].v, d = in.in(f.Scope, p.Default)
		}
		if d != nil {
			return nil, d
		}
	}
	return args, nil
}

// in evaluates an expression in another scope.
func (in *Interp) in(s *Scope, e Expr) (Value, *diag.Diagnostic) {
	outer := in.Scope
	defer func() { in.Scope = outer }()
	in.Scope = s
	return in.Eval(e)
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

// maxCalls is how many calls a message tells: the innermost and the outermost.
const maxCalls = 8

// maxWith is how many variables a message shows, the innermost ones.
const maxWith = 8

func (in *Interp) situation() Situation {
	var s Situation
	for i := len(in.frames) - 1; i >= 0; i-- {
		text := "called here"
		if left := i - maxCalls/2 + 1; len(s.Calls) == maxCalls/2 && left > 0 {
			text = fmt.Sprintf("called here, after %d more calls", left)
			i -= left
		}
		s.Calls = append(s.Calls, diag.Related{Span: in.frames[i].at, Text: text})
	}
	var with []string
	for _, b := range in.loops[max(0, len(in.loops)-maxWith):] {
		if word := b.name + " = " + Quoted(b.v); !slices.Contains(with, word) {
			with = append(with, word)
		}
	}
	s.With = strings.Join(with, ", ")
	return s
}
