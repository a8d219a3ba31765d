package eval_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/stdlib"
)

// recorder is a host that writes down what it is asked to do. A statement on the
// node "wrong" fails.
type recorder struct {
	log []string
	// on: errors are written down, and the script goes on.
	on bool
}

func (r *recorder) Statement(_ context.Context, p verb.Parsed, _ eval.Situation) error {
	var words []string
	for _, t := range p.Head() {
		words = append(words, t.Text)
	}
	r.log = append(r.log, strings.Join(words, " "))
	if strings.Contains(r.log[len(r.log)-1], "wrong") {
		return diag.List{diag.Errorf(diag.UnknownNode, p.Head()[1].Span, "no wrong here").WithHelp("help")}
	}
	return nil
}

func (r *recorder) Read(context.Context, *syntax.Statement, verb.Reading) (bool, error) {
	return false, nil
}

func (r *recorder) Test(_ context.Context, name string, _ source.Span, body func() error) error {
	r.log = append(r.log, "test "+name)
	err := body()
	r.log = append(r.log, "undo "+name)
	return err
}

func (r *recorder) Settle() error { return nil }

func (r *recorder) Print(text string) { r.log = append(r.log, "> "+text) }

func (r *recorder) Unknown(st *syntax.Statement) { r.log = append(r.log, "unknown "+st.Verb().Text) }

func (r *recorder) Whole(body func() error) error { return body() }

func (r *recorder) OneOf(alternatives []func() error) error {
	for _, do := range alternatives {
		r.log = append(r.log, "either")
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

func (r *recorder) Wrong(*syntax.Statement) bool { return false }

func (r *recorder) Stop(_ *syntax.Statement, list diag.List) error {
	for _, d := range list {
		r.log = append(r.log, "! "+d.Summary)
	}
	if r.on {
		return nil
	}
	return list
}

// run runs a script and returns what was done.
func run(t *testing.T, text string, set func(*eval.Interp, *recorder)) ([]string, *source.Set, error) {
	t.Helper()
	files := &source.Set{}
	tree := syntax.Split(files.Add("lab.nsl", text))
	if len(tree.Diags) > 0 {
		t.Fatal(tree.Diags)
	}
	r := &recorder{}
	in := eval.New(stdlib.Table(), r)
	if set != nil {
		set(in, r)
	}
	err := in.Run(t.Context(), tree.Statements)
	return r.log, files, err
}

// TestStatements holds scripts to what they do, one line for each statement:
// testdata/statements.txt has them, parted by lines of ---, each with its log
// after a line of ===.
func TestStatements(t *testing.T) {
	b, err := os.ReadFile("testdata/statements.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(b), "\n---\n") {
		script, want, found := strings.Cut(part, "\n===\n")
		if !found {
			t.Fatalf("no === in\n%s", part)
		}
		log, _, _ := run(t, script, nil)
		if diff := cmp.Diff(strings.TrimSpace(want), strings.Join(log, "\n")); diff != "" {
			t.Errorf("%s\n%s", script, diff)
		}
	}
}

// TestGoingOn is what a checker does: an error ends its statement only.
func TestGoingOn(t *testing.T) {
	log, _, err := run(t, "ns wrong\nlet x = $y\nns $x\nfor i in 1..2 { ns $z }\nif 5 { ns a }\nprint done", func(_ *eval.Interp, r *recorder) { r.on = true })
	want := []string{"ns wrong", "! no wrong here", `! there is no variable "y"`, "unknown ns", `! there is no variable "z"`, `! there is no variable "z"`,
		"! a condition is true or false, not the number 5", "> done"}
	if diff := cmp.Diff(want, log); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

// TestSituation holds the message of an error inside a function that a loop
// calls: the statement, the calls, and the values there.
func TestSituation(t *testing.T) {
	_, set, err := run(t, `# Nodes.
def inner(name) {
  ns ok-$name
  ns wrong-$name
}
def outer(i) {
  for k in <x> { inner h$i }
}
for i in 3..4 { outer $i }
`, nil)
	list, ok := diag.FromError(err)
	if !ok {
		t.Fatal(err)
	}
	got := ""
	for _, d := range list {
		got += diag.Text{Set: set}.Format(d)
	}
	want := `lab.nsl:4:6: error: no wrong here [NSL040]
      ns wrong-$name
         ^^^^^^^^^^^
    lab.nsl:7:18: called here
      for k in <x> { inner h$i }
                     ^^^^^^^^^
    lab.nsl:9:17: called here
    for i in 3..4 { outer $i }
                    ^^^^^^^^
    help
    with i = 3, k = "x", name = "h3"
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestBothErrors holds that an error of a deferred statement is reported beside the
// one that ended the block.
func TestBothErrors(t *testing.T) {
	log, _, err := run(t, "if true {\n  defer ns wrong1\n  defer ns wrong2\n  ns wrong3\n  ns never\n}\nns never\n", nil)
	list, _ := diag.FromError(err)
	if want := []string{"ns wrong3", "! no wrong here", "ns wrong2", "! no wrong here", "ns wrong1", "! no wrong here"}; !cmp.Equal(want, log) || len(list) != 3 {
		t.Errorf("%d errors, %q", len(list), log)
	}
}

// TestLimits holds each limit to its message, its flag, and to what is just
// within it.
func TestLimits(t *testing.T) {
	loop := "def f(n) { if $n > 0 { f ${n - 1} } }\n"
	for _, c := range []struct {
		name, within, beyond, summary, flag string
		set                                 func(*eval.Limits)
	}{
		{"steps", "for i in 1..9 { ns x }", "for i in 1..10 { ns x }", "statement number 11 of this run: the limit is 10", "--max-steps",
			func(l *eval.Limits) { l.Steps = 10 }},
		{"calls", loop + "f 2", loop + "f 3", "call number 4 inside one another: the limit is 3", "--max-depth", func(l *eval.Limits) { l.Depth = 3 }},
		{"range", "for i in 1..4 { }", "for i in 1..5 { }", "a list of 5 items: the limit is 4", "--max-list", func(l *eval.Limits) { l.List = 4 }},
		{"range both ways", "for i in 0..-3 { }", "for i in 9223372036854775807..-9223372036854775808 { }", "", "--max-list", func(l *eval.Limits) { l.List = 4 }},
		{"list", "print <1 2 3 4>", "print <1 2 3 4 5>", "a list of 5 items: the limit is 4", "--max-list", func(l *eval.Limits) { l.List = 4 }},
		{"lists together", "print <1 2> + <3 4>", "print <1 2> + <3 4 5>", "a list of 5 items: the limit is 4", "--max-list", func(l *eval.Limits) { l.List = 4 }},
		{"split", `print split("a b c d", " ")`, `print split("a b c d e", " ")`, "a list of 5 items: the limit is 4", "--max-list", func(l *eval.Limits) { l.List = 4 }},
		{"crossing", "print a${range(2)}${range(2)}", "print a${range(2)}${range(3)}", "a list of 6 items: the limit is 4", "--max-list", func(l *eval.Limits) { l.List = 4 }},
		{"text", `print "1234567" + "8"`, `print "1234567" + "89"`, "a text of 9 bytes: the limit is 8", "--max-text", func(l *eval.Limits) { l.Text = 8 }},
		{"string", "let a = abcd\nprint \"$a$a\"", "let a = abcd\nprint \"$a$a.\"", "a text of 9 bytes: the limit is 8", "--max-text", func(l *eval.Limits) { l.Text = 8 }},
		{"join", `print join(<abc abc>, "--")`, `print join(<abc abcd>, "--")`, "", "--max-text", func(l *eval.Limits) { l.Text = 8 }},
		{"replace", "print replace(aa, a, abcd)", "print replace(aa, a, abcde)", "", "--max-text", func(l *eval.Limits) { l.Text = 8 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := func(in *eval.Interp, _ *recorder) { c.set(&in.Limits) }
			if _, _, err := run(t, c.within, set); err != nil {
				t.Errorf("%s: %v", c.within, err)
			}
			_, _, err := run(t, c.beyond, set)
			list, ok := diag.FromError(err)
			if !ok || len(list) != 1 {
				t.Fatalf("%s: %v", c.beyond, err)
			}
			if d := list[0]; d.Code != diag.LimitHit || c.summary != "" && d.Summary != c.summary || !strings.Contains(d.Help, c.flag) {
				t.Errorf("%s: %s %s\n%s", c.beyond, d.Code, d.Summary, d.Help)
			}
		})
	}
}

var errNoModule = errors.New("no such file")

type files map[string]string

func (f files) Module(_, target string) (string, *syntax.Tree, error) {
	text, ok := f[target]
	if !ok {
		return target, nil, errNoModule
	}
	return target, syntax.Split((&source.Set{}).Add(target, text)), nil
}

func TestModules(t *testing.T) {
	f := files{
		"a":    "use b\nlet size = 3\ndef pair(x) { ns $x${range(size)}; other $x }\n",
		"b":    "def other(x) { ns o-$x }\n",
		"self": "use self\n", "c1": "use c2\n", "c2": "use c1\n", "does": "ns red\n", "clash": "def pair(x) { ns $x }\n",
	}
	for i := range 40 {
		f[fmt.Sprint("deep", i)] = fmt.Sprintf("use deep%d\n", i+1)
	}
	f["deep40"] = "def end() { ns end }\n"
	for script, want := range map[string]string{
		"use a\nuse a\npair h\nprint $size":   "ns < h1 h2 h3 >|ns o-h|> 3",
		"use a\nother x":                      `! there is no statement "other"`,
		"use b\nother x":                      "ns o-x",
		"if true { use b; other x }\nother y": `ns o-x|! there is no statement "other"`,
		"use no":                              "! cannot use no: no such file",
		"use self":                            "! self uses itself: lab.nsl uses self uses self",
		"use c1":                              "! c1 uses itself: lab.nsl uses c1 uses c2 uses c1",
		"use does":                            "! a module may contain only definitions, not ns",
		"use a\nuse clash":                    `! clash defines "pair", which is there already`,
		"use deep0\nend":                      "! module number 33 inside one another: the limit is 32",
		"use deep9\nend":                      "! there is no statement \"end\"",
		"use deep40\nend":                     "ns end",
	} {
		log, _, _ := run(t, script, func(in *eval.Interp, _ *recorder) { in.Name, in.Modules = "lab.nsl", f })
		if got := strings.Join(log, "|"); got != want {
			t.Errorf("%s\n got %s\nwant %s", script, got, want)
		}
	}
	if log, _, err := run(t, "use a", nil); err == nil || !cmp.Equal(log, []string{"! modules cannot be used here"}) {
		t.Errorf("%v %q", err, log)
	}
}

// TestPreset gives names of the outermost block other values, and no others.
func TestPreset(t *testing.T) {
	log, _, err := run(t, "let n = 1\nprint $n\nif true { let n = 2; print $n }\ndef f() { let n = 3; print $n }\nf\nlet n = 4\nprint $n\n",
		func(in *eval.Interp, _ *recorder) { in.Preset = map[string]eval.Value{"n": eval.Int(50)} })
	if want := []string{"> 50", "> 2", "> 3", "> 50"}; err != nil || !cmp.Equal(log, want) {
		t.Errorf("%v %q", err, log)
	}
}
