package importing

import (
	"context"
	"errors"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/lab"
)

// replay runs a lab, and looks at it when it has ended.
func replay(ctx context.Context, l script.Language, w *lab.World, o toReplay) (Replayed, error) {
	set := &source.Set{}
	tree := o.Tree(l.Table, set)
	seen := &watcher{placer: placer{set}}
	s := engine.NewSession(w, l.Table, seen, verb.Streams{})
	o.Options.Apply(s.Interp, o.Name, l.Modules(set, o.Name))
	err := s.Run(ctx, tree.Statements)
	list, ok := diag.FromError(err)
	if skip := (*verb.Skip)(nil); err != nil && !ok && !errors.As(err, &skip) {
		return Replayed{}, err
	}
	state, err := look(ctx, w, o.Settings)
	return Replayed{Found: append(seen.found, findings(seen.placer, list)...), State: state}, err
}

// placer says in which line something is.
type placer struct{ set *source.Set }

func (p placer) line(at source.Span) int {
	if f := p.set.File(at.Start); f != nil {
		return p.set.Position(at.Start).Line
	}
	return 0
}

// watcher notes the expectations that do not hold.
type watcher struct {
	silent
	placer
	found []Finding
}

// Expected implements [engine.Observer].
func (w *watcher) Expected(st *syntax.Statement, e verb.Expectation) {
	if !e.Held {
		w.found = append(w.found, Finding{Line: w.line(st.Span), Text: "it does not hold", Expectation: true})
	}
}
