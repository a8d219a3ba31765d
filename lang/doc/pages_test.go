package doc_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nsl/runtime/labtest"
)

// fence is a fenced block of a page.
type fence struct {
	page string
	line int
	// kind is what follows the opening marks.
	kind string
	text string
}

func (f fence) String() string { return fmt.Sprintf("%s:%d", filepath.Base(f.page), f.line) }

func pages(t *testing.T) []string {
	t.Helper()
	list, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(list) < 5 {
		t.Fatalf("only %d pages: %v", len(list), err)
	}
	return append(list, "../../README.md")
}

func fences(t *testing.T, page string) []fence {
	t.Helper()
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var list []fence
	open := false
	n := 0
	for line := range strings.Lines(string(b)) {
		n++
		switch mark, found := strings.CutPrefix(line, "```"); {
		case found && !open:
			list = append(list, fence{page: page, line: n, kind: strings.TrimSpace(mark)})
			open = true
		case found:
			open = false
		case open:
			list[len(list)-1].text += line
		}
	}
	if open {
		t.Errorf("%s: a block is never closed", page)
	}
	return list
}

var program labtest.Program

func TestMain(m *testing.M) {
	labtest.ManyAtOnce()
	os.Exit(program.Main(m))
}

// nsl runs the program on a script called lab.nsl.
func nsl(t *testing.T, script string, args ...string) (output string, code int) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "lab.nsl"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	return program.Run(t, dir, "", append(args, "lab.nsl")...)
}

// measured are the numbers that differ from run to run.
var measured = regexp.MustCompile(`[0-9.]+ ms|tried [0-9]+ times in [0-9.]+ s`)

func settled(s string) string { return measured.ReplaceAllString(s, "(measured)") }

func TestScriptsOfThePagesDoWhatThePagesSay(t *testing.T) {
	t.Parallel()
	program.NeedLabs(t)
	kinds := map[string]int{}
	for _, page := range pages(t) {
		list := fences(t, page)
		for i, f := range list {
			kinds[f.kind]++
			var next fence
			if i+1 < len(list) {
				next = list[i+1]
			}
			switch f.kind {
			case "nsl finding": // see TestExamplesOfErrorsReportThem
			case "nsl fault": // see TestBrokenLabs in stdlib/why
			case "nsl", "nsl run":
				printed := ""
				if next.kind == "text output" {
					printed = next.text
				}
				t.Run(f.String(), func(t *testing.T) { holds(t, f, printed) })
			case "nsl error":
				if next.kind != "text" {
					t.Errorf("%s: no block says what nsl answers", f)
					continue
				}
				t.Run(f.String(), func(t *testing.T) { fails(t, f, next.text) })
			case "yaml":
				if strings.Contains(f.text, "\nkind: Job\n") {
					continue // Kubernetes is not here
				}
				t.Run(f.String(), func(t *testing.T) { jobHolds(t, f) })
			case "text", "text output", "sh", "console", "go", "json":
			case "lua", "elisp", "toml": // settings of editors; see TestNeovim in lang/lsp
			default:
				t.Errorf("%s: a block of kind %q is not tested", f, f.kind)
			}
		}
	}
	if kinds["nsl run"] < 20 || kinds["nsl error"] < 5 {
		t.Errorf("blocks found: %v", kinds)
	}
}

// holds runs a script, of whose output the page shows a part.
func holds(t *testing.T, f fence, printed string) {
	t.Parallel()
	command := []string{"run", "--grant", "write=."} // for what capture writes
	if f.kind == "nsl" {
		command = []string{"check"}
	}
	out, code := nsl(t, f.text, command...)
	if code != 0 {
		t.Errorf("%s: nsl %s: exit code %d\n%s", f, command, code, out)
	}
	if !strings.Contains(settled(out), settled(printed)) {
		t.Errorf("%s: the page says something else than nsl:\n%s", f, cmp.Diff(settled(printed), settled(out)))
	}
}

func fails(t *testing.T, f fence, want string) {
	t.Parallel()
	out, code := nsl(t, f.text, "run")
	if code != 1 && code != 2 {
		t.Errorf("%s: exit code %d", f, code)
	}
	if d := cmp.Diff(settled(want), settled(out)); d != "" {
		t.Errorf("%s: the page says something else than nsl:\n%s", f, d)
	}
}

var (
	link = regexp.MustCompile(`\]\(([^)#:]*)(?:#([^)]*))?\)`)
	code = regexp.MustCompile("`[^`]*`")
)

func TestLinksOfThePagesLead(t *testing.T) {
	for _, page := range append(pages(t), "../../CHANGELOG.md", "../../SECURITY.md") {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(string(b), ""), -1) {
			target := page
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(page), m[1])
			}
			text, err := os.ReadFile(target)
			if info, statErr := os.Stat(target); statErr != nil || !info.IsDir() && err != nil {
				t.Errorf("%s: %s leads nowhere", page, m[0])
				continue
			}
			if m[2] != "" && !strings.Contains(string(text), `<a id="`+m[2]+`">`) {
				t.Errorf("%s: %s has no anchor", page, m[0])
			}
		}
	}
}
