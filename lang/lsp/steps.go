package lsp

import (
	"context"
	"slices"
	"strings"

	"nsl/lang/check"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/lang/write"
	"nsl/runtime/plan"
	"nsl/runtime/state"
)

// mostLines is how long what a statement expands to may be.
const mostLines = 200

// selection is statements of one block that follow one another.
type selection struct {
	list []*syntax.Statement
	// chosen: an editor's range has them, and not only a cursor is in one.
	chosen bool
}

func (s selection) span() source.Span {
	return source.Span{Start: s.list[0].Span.Start, End: s.list[len(s.list)-1].Span.End}
}

// reshaped are the actions that write the statements of a range as other ones that do the
// same: one as its single steps, several as fewer. Each is proved.
func (d *document) reshaped(ctx context.Context, in Range) []codeAction {
	a := d.analysis()
	if a == nil || a.list.HasErrors() {
		return nil
	}
	from, to := a.at(in.Start), a.at(in.End)
	var list []codeAction
	if st := a.statementAt(from); st != nil && holds(st.Span, to) && !a.comment(st.Span) {
		lines := texts(write.Steps(d.ops(ctx, selection{list: []*syntax.Statement{st}})))
		if len(lines) > 1 && len(lines) <= mostLines || len(lines) == 1 && hasBlock(st) {
			list = append(list, a.reshape(ctx, "Expand to single steps", st.Span, lines)...)
		}
	}
	if s := a.selected(a.tree.Statements, from, to); len(s.list) > 1 {
		list = append(list, a.reshape(ctx, "Fold", s.span(), a.shorter(ctx, s))...)
	}
	return list
}

// reshape is the action that writes lines in the place of a span, if they do the same.
func (a *analysis) reshape(ctx context.Context, title string, at source.Span, lines []string) []codeAction {
	start, end, ok := a.span(at)
	if !ok || len(lines) == 0 {
		return nil
	}
	r := a.rangeOf(start, end)
	text := strings.ReplaceAll(strings.Join(lines, "\n"), "\n", "\n"+a.indent(r))
	if !a.same(ctx, a.text[:start]+text+a.text[end:]) {
		return nil
	}
	return []codeAction{{Title: title, Kind: actionRewrite, Edit: a.edit(r, text)}}
}

// indent is what the line of a range begins with, if that is white space.
func (a *analysis) indent(r Range) string {
	indent := a.text[a.starts[r.Start.Line]:a.offset(r.Start)]
	if strings.TrimSpace(indent) != "" {
		return ""
	}
	return indent
}

// shorter are fewer lines that do what statements do: loops where numbers count up, and the
// statements that do several steps at once.
func (a *analysis) shorter(ctx context.Context, s selection) []string {
	var lines []string
	for _, st := range s.list {
		lines = append(lines, a.set.Text(st.Span))
	}
	if folded := write.Fold(lines); len(folded) < len(lines) {
		return folded
	}
	if !s.chosen {
		return nil
	}
	if whole := texts(write.Statements(a.ops(ctx, s))); len(whole) < len(lines) {
		return write.Fold(whole)
	}
	return nil
}

// texts are lines as a script has them; nothing if no statement does one of them.
func texts(lines []write.Line) []string {
	var list []string
	for _, l := range lines {
		if l.Note() {
			return nil
		}
		list = append(list, l.Text)
	}
	return list
}

// selected are the statements of one block that a range touches. Where it is only a cursor,
// they are those around it with no other line between.
func (a *analysis) selected(block []*syntax.Statement, from, to int) selection {
	for _, st := range block {
		for _, p := range st.Parts {
			if p.Block != nil && p.Block.Span.Start < from && to < p.Block.Span.End {
				return a.selected(p.Block.Statements, from, to)
			}
		}
	}
	s := selection{chosen: from < to}
	first := slices.IndexFunc(block, func(st *syntax.Statement) bool { return st.Span.End >= from })
	if first < 0 || !s.chosen && !holds(block[first].Span, from) {
		return selection{}
	}
	last := first
	for last+1 < len(block) && block[last+1].Span.Start < to {
		last++
	}
	for !s.chosen && first > 0 && a.adjoin(block[first-1], block[first]) {
		first--
	}
	for !s.chosen && last+1 < len(block) && a.adjoin(block[last], block[last+1]) {
		last++
	}
	s.list = block[first : last+1]
	if a.comment(s.span()) {
		return selection{}
	}
	return s
}

// adjoin reports whether there is nothing between two statements but the end of a line.
func (a *analysis) adjoin(one, next *syntax.Statement) bool {
	between := strings.TrimRight(a.set.Text(source.Span{Start: one.Span.End, End: next.Span.Start}), " \t")
	return between == "\n" || between == "\r\n" || between == ";"
}

// comment reports whether a comment begins in a span.
func (a *analysis) comment(at source.Span) bool {
	return slices.ContainsFunc(a.tree.Tokens, func(t syntax.Token) bool {
		return t.Kind == syntax.Comment && at.Start <= t.Span.Start && t.Span.Start < at.End
	})
}

// ops are what statements would do, with the functions that they call. There are none where
// one of them does something else too: it asks, prints, or only a run knows what it does.
func (d *document) ops(ctx context.Context, s selection) []plan.Op {
	var ops []plan.Op
	inside, other := false, false
	a := &analysis{}
	_ = d.walk(ctx, a, func(o *check.Options) {
		at := s.span()
		o.Met = func(st *syntax.Statement, _ verb.Lab) {
			if a.set.File(st.Span.Start) == a.file && !a.inDef(st.Span) {
				inside = at.Start <= st.Span.Start && st.Span.End <= at.End
			}
		}
		o.Each = func(step check.Step) {
			if !inside {
				return
			}
			_, acts := step.Statement.Node.(verb.Runner)
			other = other || acts || step.Maybe || step.Undone != ""
			for _, op := range step.Ops {
				ops = append(ops, op.Op)
			}
		}
	})
	if other {
		return nil
	}
	return ops
}

func hasBlock(st *syntax.Statement) bool {
	return slices.ContainsFunc(st.Parts, func(p syntax.Part) bool { return p.Block != nil })
}

// inDef reports whether a place is in the block of a function.
func (a *analysis) inDef(at source.Span) bool {
	found := false
	each(a.tree.Statements, func(st *syntax.Statement) {
		found = found || a.table().Role(st.Verb()) == verb.RoleDef && inBlocks(st, at.Start)
	})
	return found
}

// same reports whether another text does what this one does: the same commands, maybe in
// another order, with the same lab at the end and the same findings.
func (a *analysis) same(ctx context.Context, text string) bool {
	next := a.server.newDocument(a.uri, a.version, text)
	defer next.cancel()
	before, found := a.document.commands(ctx)
	after, list := next.commands(ctx)
	slices.Sort(before)
	slices.Sort(after)
	if list.HasErrors() || len(list) != len(found) || !slices.Equal(before, after) {
		return false
	}
	one, other := a.document.wanted(), next.wanted()
	if one.Lab == nil || other.Lab == nil || one.Runs != other.Runs {
		return false
	}
	ops, _ := state.Diff(one.Lab, other.Lab)
	return len(ops) == 0
}

// wanted is the lab that the text makes.
func (d *document) wanted() script.Wanted {
	set := &source.Set{}
	o := script.DefaultOptions()
	o.Limits.Steps = mostSteps
	file := set.Add(fileName(d.uri), d.text)
	l := d.server.Language
	w, _ := l.Wanted(file, o, l.ModulesAt(set, file.Name, d.server.open))
	return w
}
