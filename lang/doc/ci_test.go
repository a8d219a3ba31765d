package doc_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// jobHolds runs the commands of a workflow that are nsl's own, on this checkout,
// with the variables that the CI would give them.
func jobHolds(t *testing.T, f fence) {
	t.Parallel()
	// A folded scalar goes on in the lines that are indented deeper.
	text := regexp.MustCompile(`>-\n +`).ReplaceAllString(f.text, "")
	text = regexp.MustCompile(`\n +--`).ReplaceAllString(text, " --")
	commands := regexp.MustCompile(`bin/nsl .*`).FindAllString(text, -1)
	if len(commands) < 2 {
		t.Fatalf("commands: %q", commands)
	}
	dir := t.TempDir()
	labs, err := filepath.Abs("../../scripts/labs")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range commands {
		words := strings.Fields(strings.NewReplacer("${{ matrix.part }}", "1", "$CI_NODE_INDEX", "2", "$CI_NODE_TOTAL", "2", "scripts/labs", labs).Replace(c))
		cmd := exec.Command(program.Path(t), words[1:]...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GITHUB_STEP_SUMMARY="+filepath.Join(dir, "step.md"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %s: %v\n%s", f, c, err, out)
		}
	}
	if text, err := os.ReadFile(filepath.Join(dir, "labs.xml")); err != nil || !strings.Contains(string(text), "</testsuites>") {
		t.Errorf("%s: no report: %v\n%s", f, err, text)
	}
}
