package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nsl/lang/diag"
	"nsl/lang/format"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/labtest"
	"nsl/stdlib"
)

func seed(f *testing.F) {
	f.Helper()
	for _, text := range corpus(f) {
		f.Add(text)
	}
	for _, text := range wrongScripts(f) {
		f.Add(text)
	}
}

// eachStatement calls f for every statement, those in blocks included.
func eachStatement(list []*syntax.Statement, f func(*syntax.Statement)) {
	for _, st := range list {
		f(st)
		for _, p := range st.Parts {
			if p.Block != nil {
				eachStatement(p.Block.Statements, f)
			}
		}
	}
}

// parseAll parses every statement by itself; the findings are those of the
// splitter, too.
func parseAll(table *verb.Table, tree *syntax.Tree) diag.List {
	list := append(diag.List{}, tree.Diags...)
	eachStatement(tree.Statements, func(st *syntax.Statement) {
		_, found := table.Parse(st)
		list.Add(found...)
	})
	return list
}

// FuzzParse holds that any text parses, or gets a finding.
func FuzzParse(f *testing.F) {
	seed(f)
	table := stdlib.Table()
	f.Fuzz(func(t *testing.T, text string) {
		r := newTrial(table, text)
		list := parseAll(table, r.tree)
		r.judge(list)
		for _, d := range list {
			if s := d.Subject; s.Start < r.file.Base || s.End > r.file.Span().End {
				r.breaks("%q is outside the file: %v", d.Summary, s)
			}
		}
		r.report(t)
	})
}

func (r *trial) report(t testing.TB) {
	t.Helper()
	if len(r.broken) > 0 {
		t.Fatalf("%q\n%s", r.file.Text, strings.Join(r.broken, "\n"))
	}
}

// outline is the shape of a script: the words of each statement and its blocks.
func outline(list []*syntax.Statement, indent string) string {
	var b strings.Builder
	for _, st := range list {
		for i, p := range st.Parts {
			var words []string
			for _, t := range p.Tokens {
				words = append(words, fmt.Sprintf("%d:%q", t.Kind, t.Value()))
			}
			fmt.Fprintf(&b, "%s%d %v %s\n", indent, i, st.Bad, strings.Join(words, " "))
			if p.Block != nil {
				b.WriteString(indent + "{\n" + outline(p.Block.Statements, indent+"  ") + indent + "}\n")
			}
		}
	}
	return b.String()
}

// codes are the findings without their places; a line ending in a quoted string
// is the only thing in a message that formatting changes.
func codes(list diag.List) string {
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintln(&b, d.Code, d.Severity, strings.NewReplacer("\r\n", "\n", `\r\n`, `\n`).Replace(d.Summary))
	}
	return b.String()
}

// FuzzRoundTrip holds that the canonical form of a script means the same.
func FuzzRoundTrip(f *testing.F) {
	seed(f)
	table := stdlib.Table()
	f.Fuzz(func(t *testing.T, text string) {
		set := &source.Set{}
		file := set.Add("lab.nsl", text)
		formatted, refused := format.Source(file, stdlib.Table())
		if len(refused) > 0 {
			return
		}
		before := stdlib.Table().Split(file)
		after := stdlib.Table().Split(set.Add("formatted.nsl", formatted))
		if a, b := outline(before.Statements, ""), outline(after.Statements, ""); a != b {
			t.Fatalf("%q became %q:\n%s\n%s", text, formatted, a, b)
		}
		if a, b := codes(parseAll(table, before)), codes(parseAll(table, after)); a != b {
			t.Fatalf("%q became %q, and the findings\n%s\n%s", text, formatted, a, b)
		}
	})
}

// FuzzEvaluate runs any text on the world in memory.
func FuzzEvaluate(f *testing.F) {
	seed(f)
	table := stdlib.Table()
	f.Fuzz(func(t *testing.T, text string) {
		r := newTrial(table, text)
		r.watched = true
		inBubble(t, text, 20*time.Second, func() {
			r.judge(r.check())
			r.judgeRun(r.run())
			r.judgeLog()
		})
		r.report(t)
	})
}

// judgeLog holds that the ops that the world did make the lab that
// it holds, and that each of them is in the log.
func (r *trial) judgeLog() {
	made, err := replayed(r.done.ops)
	if err != nil {
		r.breaks("the ops cannot be done again: %v", err)
		return
	}
	if now, _ := labtest.Dump(r.world); now != made {
		r.breaks("the ops done again make another lab:\n%s", differ(now, made))
	}
	lines := 0
	for _, op := range r.done.ops {
		if op != nil {
			lines += max(1, len(op.Commands()))
		}
	}
	if n := len(r.world.Log()); n != lines {
		r.breaks("%d lines in the log for ops of %d", n, lines)
	}
}
