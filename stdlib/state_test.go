package stdlib_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/lang/write"
	"nsl/runtime/plan"
	"nsl/runtime/state"
	"nsl/stdlib"
)

// planned is the lab that a script makes.
func planned(t *testing.T, text string) (script.Wanted, diag.List) {
	t.Helper()
	l := script.Language{Table: stdlib.Table(), Library: stdlib.Std()}
	set := &source.Set{}
	return l.Wanted(set.Add("example", text), script.DefaultOptions(), l.Modules(set, "example"))
}

// between is what is between two states, in words.
func between(now, want *state.Lab) string {
	var b strings.Builder
	ops, notes := state.Diff(now, want)
	for _, op := range ops {
		fmt.Fprintf(&b, "%T %s\n", op, op.Effect().Object)
	}
	for _, n := range notes {
		fmt.Fprintf(&b, "%s %s: %s\n", n.Kind, n.Object, n.Text)
	}
	return b.String()
}

// TestStatesAreMadeByOps makes the lab of each example on an empty model by the ops of a diff,
// and by the statements that these are written as.
func TestStatesAreMadeByOps(t *testing.T) {
	t.Parallel()
	eachExample(t, func(t *testing.T, e verb.Example) {
		want, list := planned(t, e.Code)
		if list.HasErrors() || want.Runs {
			t.Skip("an example of what is wrong, or one that runs programs")
		}
		m, pristine, err := script.Load(want.Lab, want.Keys)
		if err != nil {
			t.Fatal(err)
		}
		made, err := state.Read(m, pristine, want.Keys)
		if err != nil {
			t.Fatal(err)
		}
		if left := between(made, want.Lab); left != "" {
			t.Errorf("%s\nby ops, these are left:\n%s", e.Code, left)
		}
		text := statements(t, want)
		if strings.Contains(text, "no statement does this: nsl's own name server") {
			return // the stand-in for the outside has one that no other statement makes
		}
		again, list := planned(t, text)
		if list.HasErrors() {
			t.Fatalf("%s\nwritten as\n%s\n%v", e.Code, text, list)
		}
		if left := between(again.Lab, want.Lab); left != "" {
			t.Errorf("%s\nby these statements:\n%s\nthese are left:\n%s", e.Code, text, left)
		}
	})
}

// statements are the ops that make a lab, as a script.
func statements(t *testing.T, want script.Wanted) string {
	t.Helper()
	empty, list := planned(t, "")
	if list.HasErrors() {
		t.Fatal(list)
	}
	m, pristine, err := script.Load(empty.Lab, want.Keys)
	if err != nil {
		t.Fatal(err)
	}
	ops, _, err := state.Converge(m, pristine, want.Lab, want.Keys)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, l := range write.Statements(ops) {
		b.WriteString(l.Text + "\n")
	}
	return b.String()
}

// TestOneLabBecomesAnother makes the lab of each example of that of the one before.
func TestOneLabBecomesAnother(t *testing.T) {
	t.Parallel()
	before, _ := planned(t, "")
	eachInTurn(func(e verb.Example) {
		want, list := planned(t, e.Code)
		if list.HasErrors() || want.Runs {
			return
		}
		m, pristine, err := script.Load(before.Lab, want.Keys)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := state.Converge(m, pristine, want.Lab, want.Keys); err != nil {
			t.Errorf("%s\n%v", e.Code, err)
		}
		now, err := state.Read(m, pristine, want.Keys)
		if err != nil {
			t.Fatal(err)
		}
		if left := between(now, want.Lab); left != "" {
			t.Errorf("%s\nthese are left:\n%s", e.Code, left)
		}
		before = want
	})
}

// eachInTurn does something with every documented example.
func eachInTurn(do func(verb.Example)) {
	table := stdlib.Table()
	for _, v := range append(table.Verbs(), table.Probes()...) {
		for _, e := range v.Examples {
			do(e)
		}
	}
}

// TestOpsAreStatements: what has no statement is a comment that says what is to be done.
func TestOpsAreStatements(t *testing.T) {
	t.Parallel()
	for _, op := range plan.Ops() {
		for _, l := range write.Statements([]plan.Op{op}) {
			if l.Note() && !strings.HasPrefix(l.Text, "# no statement does this") {
				t.Errorf("%T is %q", op, l.Text)
			}
		}
	}
}

// TestSavedLabsAreTheSame saves the lab of each example and of each lab, and makes it again
// from what was saved.
func TestSavedLabsAreTheSame(t *testing.T) {
	t.Parallel()
	eachExample(t, func(t *testing.T, e verb.Example) { saved(t, e.Code) })
	files, err := filepath.Glob("../scripts/labs/*.nsl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no labs: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			saved(t, string(text))
		})
	}
}

// saved is what a lab is saved as.
func saved(t *testing.T, code string) string {
	t.Helper()
	want, list := planned(t, code)
	if list.HasErrors() || want.Runs {
		t.Skip("an example of what is wrong, or one that runs programs")
	}
	l := script.Language{Table: stdlib.Table(), Library: stdlib.Std()}
	text, err := l.Save(want.Lab)
	if err != nil {
		t.Fatalf("%s\n%v", code, err)
	}
	again, list := planned(t, text)
	if list.HasErrors() {
		t.Fatalf("%s\nsaved as\n%s\n%v", code, text, list)
	}
	if left := between(again.Lab, want.Lab); left != "" {
		t.Errorf("%s\nsaved as\n%s\nthese are left:\n%s", code, text, left)
	}
	t.Logf("%s\nsaved as\n%s", code, text)
	return text
}

// TestSavedLabsHaveLoops: what counts up is not written line by line.
func TestSavedLabsHaveLoops(t *testing.T) {
	t.Parallel()
	text := saved(t, "ns r h${range(20)}\nfor i in 1..20 { link r:p$i <-> h$i:eth0 10.0.$i.0/24 }\n")
	want := `ns h${range(20)} r
for i in 1..20 { link r:p$i <-> h$i:eth0 10.0.$i.0/24 }
`
	if text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}
