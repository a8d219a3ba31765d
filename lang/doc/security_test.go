package doc_test

import (
	"os"
	"os/exec"
	"path/filepath"
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
		"captures/.keep": "",
		"labs/server.nsl": `ns red blue
link red <-> blue
capture red "../captures/server.pcapng"
spawn red ../bin/server until listen :8080 within 30s
expect http blue -> http://red:8080/ status 404
kill capture
`,
		"pages/lesson.html": "Lesson 1\n",
		"lab.nsl": `ns red blue
link red <-> blue
serve http red dir "pages"
expect http blue -> http://red/lesson.html body contains "Lesson 1"
`,
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
	for _, f := range fences(t, "../../docs/security.md") {
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
	var less []string
	for i, w := range words {
		if w != "--grant" && (i == 0 || words[i-1] != "--grant") {
			less = append(less, w)
		}
	}
	if out, code := program.Run(t, dir, "", less...); code == 0 || !strings.Contains(out, "--grant") {
		t.Errorf("nsl %v: exit code %d\n%s", less, code, out)
	}
	if out, code := program.Run(t, dir, "", words...); code != 0 {
		t.Errorf("nsl %v: exit code %d\n%s", words, code, out)
	}
}
