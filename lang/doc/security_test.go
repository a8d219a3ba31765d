package doc_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// exampleFiles are what the examples of docs/security.md are about.
func exampleFiles() map[string]string {
	return map[string]string{
		"go.mod": "module example\n\ngo 1.26\n",
		"cmd/server/main.go": `package main

import (
	"log"
	"net/http"
)

func main() { log.Fatal(http.ListenAndServe(":8080", http.NotFoundHandler())) }
`,
		"pages/lesson.html": "Lesson 1\n",
	}
}

// The commands of an engineer and of a teacher in docs/security.md do what the page
// says; without what they grant, nsl refuses.
func TestExamplesOfSecurityHold(t *testing.T) {
	t.Parallel()
	program.NeedLabs(t)
	dir := t.TempDir()
	for name, text := range exampleFiles() {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	granted := 0
	scripts := []string{"server.nsl", "lesson.nsl"}
	for _, f := range fences(t, "../../docs/security.md") {
		if f.kind == "nsl" {
			if err := os.WriteFile(filepath.Join(dir, scripts[0]), []byte(f.text), 0o600); err != nil {
				t.Fatal(err)
			}
			scripts = scripts[1:]
		}
		for line := range strings.Lines(f.text) {
			words := strings.Fields(line)
			switch {
			case f.kind != "sh":
			case words[0] == "go":
				runGo(t, dir, words[1:])
			default:
				granted++
				tryGrants(t, dir, words[1:])
			}
		}
	}
	if granted != 2 {
		t.Errorf("%d commands of nsl, want 2", granted)
	}
	if info, err := os.Stat(filepath.Join(dir, "captures", "server.pcapng")); err != nil || info.Size() == 0 {
		t.Errorf("nothing was captured: %v", err)
	}
}

func runGo(t *testing.T, dir string, args []string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %v: %v\n%s", args, err, out)
	}
}

// tryGrants runs a command without its --grant, and as it is.
func tryGrants(t *testing.T, dir string, words []string) {
	t.Helper()
	less := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "--grant" })
	if out, code := program.Run(t, dir, "", less...); code == 0 || !strings.Contains(out, "--grant") {
		t.Errorf("nsl %v: exit code %d\n%s", less, code, out)
	}
	if out, code := program.Run(t, dir, "", words...); code != 0 {
		t.Errorf("nsl %v: exit code %d\n%s", words, code, out)
	}
}
