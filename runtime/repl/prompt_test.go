package repl

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nsl/lang/diag"
	"nsl/lang/doc"
	"nsl/lang/format"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/plan"
	"nsl/stdlib"
)

// scripted is an editor whose lines are written beforehand. It shows prompts and
// lines as a terminal would.
type scripted struct {
	lines []string
	out   io.Writer
}

func (s *scripted) Read(p Prompt) (string, error) {
	if len(s.lines) == 0 {
		fmt.Fprintln(s.out, p.Text+"(end)")
		return "", io.EOF
	}
	line := s.lines[0]
	s.lines = s.lines[1:]
	fmt.Fprintln(s.out, p.Text+line)
	switch line {
	case "^C":
		return "", ErrInterrupt
	case "^D":
		return "", io.EOF
	}
	return line, nil
}

func (s *scripted) Close() error { return nil }

func (s *scripted) Remember(string) {}

// talk has a conversation about a lab in memory, and returns the screen.
func talk(t *testing.T, running bool, lines ...string) (screen string, outcome Outcome, world *labtest.World) {
	t.Helper()
	world = labtest.NewWorld()
	screen, outcome = talkAbout(t, world, running, lines...)
	return screen, outcome, world
}

// talkAbout has a conversation about a lab that is there.
func talkAbout(t *testing.T, world *labtest.World, running bool, lines ...string) (screen string, outcome Outcome) {
	t.Helper()
	var out bytes.Buffer
	table := stdlib.Table()
	set := &source.Set{}
	s := engine.NewSession(world, table, nil, verb.Streams{Out: &out, Err: &out})
	p := newPrompt(Options{Session: s, Set: set, Running: running, RC: filepath.Join(t.TempDir(), "rc.nsl"),
		Help: func(words []string) (string, error) { return doc.Help(table, words) }})
	p.out = &out
	outcome, err := p.run(context.Background(), &scripted{lines, &out}, &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), outcome
}

// took is what differs from one run to the next.
var took = regexp.MustCompile(`(in|took) [0-9.]+ (µs|ms|s)\b`)

// TestConversations compares whole conversations, of which testdata/*.talk holds
// the lines and the answers; NSL_UPDATE=1 renews the answers.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.talk")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if name, err = filepath.Abs(name); err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			var lines []string
			for line := range strings.Lines(string(b)) {
				if _, typed, ok := strings.Cut(line, typedMark); ok {
					lines = append(lines, strings.TrimRight(typed, "\n"))
				}
			}
			screen, _, _ := talk(t, false, lines...)
			compare(t, name, string(b), marked(screen, lines))
		})
	}
}

// typedMark is in a conversation between the prompt and what was typed.
const typedMark = "⟩ "

// marked puts the mark into each line that was typed.
func marked(screen string, lines []string) string {
	var b strings.Builder
	for line := range strings.Lines(took.ReplaceAllString(screen, "$1 TIME")) {
		if len(lines) > 0 {
			if head, ok := strings.CutSuffix(line, lines[0]+"\n"); ok && promptLike.MatchString(head) {
				line = head + typedMark + lines[0] + "\n"
				lines = lines[1:]
			}
		}
		b.WriteString(line)
	}
	return b.String()
}

var promptLike = regexp.MustCompile(`(^nsl:\d+> |^ *\.\.\. |\[y/N\] )$`)

func compare(t *testing.T, name, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	if os.Getenv("NSL_UPDATE") == "" {
		t.Errorf("the screen is\n%s\nwant\n%s", got, want)
		return
	}
	if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
		t.Error(err)
	}
}

// TestLeaving holds when the prompt asks before a lab is lost.
func TestLeaving(t *testing.T) {
	const question = "ends with this prompt"
	for name, test := range map[string]struct {
		running bool
		lines   []string
		asks    bool
		outcome Outcome
	}{
		"an empty lab":       {false, []string{"^D"}, false, Left},
		"a lab, twice":       {false, []string{"ns red", "^D", "^D"}, true, Left},
		"a lab, no":          {false, []string{"ns red", "^D", "n", "undo", "exit"}, true, Left},
		"a lab, yes":         {false, []string{"ns red", "exit", "y"}, true, Left},
		"one that is saved":  {false, []string{"ns red", "save x.nsl", "exit"}, false, Left},
		"saved, then not":    {false, []string{"ns red", "save x.nsl", "ns blue", "exit", "y"}, true, Left},
		"a running one":      {true, []string{"ns red", "exit"}, false, Left},
		"reset":              {false, []string{"reset"}, false, Reset},
		"reset, sure":        {false, []string{"ns red", "reset", "y"}, false, Reset},
		"Ctrl-C leaves none": {false, []string{"^C", "^C", "^D"}, false, Left},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			screen, outcome, _ := talk(t, test.running, test.lines...)
			if outcome != test.outcome || strings.Contains(screen, question) != test.asks || strings.Contains(screen, "(end)") {
				t.Errorf("outcome %d, want %d; asks %v:\n%s", outcome, test.outcome, test.asks, screen)
			}
		})
	}
}

// TestReset of a running lab undoes what this prompt did.
func TestResetOfAKeptLab(t *testing.T) {
	screen, _, world := talk(t, true, "ns red blue", "link red <-> blue", "reset", "y", "exit")
	if nodes, _ := world.Nodes(); len(nodes) > 0 {
		t.Errorf("there are %v still:\n%s", nodes, screen)
	}
}

// TestSavedScripts types every example, and holds the script that is saved
// then to make the same lab, and to be in canonical form.
func TestSavedScripts(t *testing.T) {
	table := stdlib.Table()
	for _, v := range table.Verbs() {
		for i, e := range v.Examples {
			t.Run(fmt.Sprintf("%s/%d", v.Name, i+1), func(t *testing.T) {
				t.Parallel()
				file := filepath.Join(t.TempDir(), "lab.nsl")
				lines := append(withoutQuestions(e.Code), "ns extra", "undo", "redo", "undo", "lnk nonsense", "save "+file, "exit")
				screen, _, typed := talk(t, false, lines...)
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatalf("%v\n%s", err, screen)
				}
				world := labtest.NewWorld()
				set := &source.Set{}
				tree := stdlib.Table().Split(set.Add("lab.nsl", string(text)))
				s := engine.NewSession(world, table, quiet{}, verb.Streams{})
				if err := s.Run(context.Background(), tree.Statements); err != nil {
					t.Fatalf("%v\n%s\n%s", err, screen, text)
				}
				want, _ := labtest.Dump(typed)
				if got, _ := labtest.Dump(world); got != want {
					t.Errorf("%s\nmakes\n%s\nwant\n%s\n%s", text, got, want, screen)
				}
				if again, _ := format.Source(tree.File, stdlib.Table()); again != string(text) {
					t.Errorf("not formatted:\n%s", text)
				}
			})
		}
	}
}

// withoutQuestions are the lines of a script that expect nothing: in a world in
// memory they would only take their time.
func withoutQuestions(code string) []string {
	return slices.DeleteFunc(strings.Split(code, "\n"), func(line string) bool {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		return word == "expect" || word == "require"
	})
}

// quiet observes nothing.
type quiet struct{}

func (quiet) Begin(*syntax.Statement)                      {}
func (quiet) Done(*syntax.Statement, []plan.Step)          {}
func (quiet) Expected(*syntax.Statement, verb.Expectation) {}
func (quiet) Warned(diag.List)                             {}
func (quiet) TestBegun(string, source.Span)                {}
func (quiet) TestEnded(string, int, error)                 {}

// TestTry does the examples of the help that was read last.
func TestTry(t *testing.T) {
	screen, _, world := talk(t, false, "try", "help link", "help NSL040", "try 2", "try 99", "undo 9", "help expect ping", "try 1", "try 1", "exit", "y")
	for _, want := range []string{"read the help of something first", "NSL040: unknown node", "try 2 does it here: ", "red:eth1 10.0.0.1/30 <-> blue:eth1 10.0.0.2/30",
		"undone: ns red blue", "meant for an empty lab"} {
		if !strings.Contains(screen, want) {
			t.Errorf("the screen lacks %q:\n%s", want, screen)
		}
	}
	if nodes, _ := world.Nodes(); len(nodes) == 0 {
		t.Errorf("the example of ping made nothing:\n%s", screen)
	}
}

// A failed expectation about several pairs draws its table, as in a run.
func TestFailedMatrixIsDrawn(t *testing.T) {
	screen, _, _ := talk(t, false, "ns red blue", "expect ping * -> *", "expect matrix {", "  red: blue", "  blue: red", "}", "exit", "y")
	if n := strings.Count(screen, "row to column: ok gets through"); n != 2 {
		t.Errorf("%d tables:\n%s", n, screen)
	}
}

// A long command that does the same is shown whole, in lines that a shell joins.
func TestExplainedCommandsAreWhole(t *testing.T) {
	screen, _, _ := talk(t, false, "explain on", "ns web", "link web <-> host", "serve http web", "publish 8080 -> web:80", "exit", "y")
	if strings.Contains(screen, " …\n") || !strings.Contains(screen, "net.ipv6.conf.all.disable_ipv6=0 \\\n") ||
		!strings.Contains(screen, "send_redirects=1\n") || !strings.Contains(screen, " dnat ip to ") {
		t.Errorf("%s", screen)
	}
}
