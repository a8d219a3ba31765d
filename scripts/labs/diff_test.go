package labs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nsl/runtime/labtest"
)

// A lab that was just built is what its script says, in all that the kernel shows; and so is
// one that is made of what nsl save writes.
func TestALabIsWhatItsScriptSays(t *testing.T) {
	path := nsl(t)
	for name := range labs(t) {
		lab := strings.TrimSuffix(name, ".nsl")
		t.Run(lab, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			run := func(args ...string) (string, error) {
				c := exec.Command(path, args...)
				c.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir)
				out, err := c.CombinedOutput()
				return string(out), err
			}
			file, err := filepath.Abs(name)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _, _ = run("down", "--all") })
			out, err := run("up", file)
			labtest.NotSkipped(t, out)
			if err != nil {
				t.Fatalf("up: %v\n%s", err, out)
			}
			saved := filepath.Join(dir, "saved.nsl")
			for _, args := range [][]string{{"diff", file, lab}, {"diff", lab}, {"save", lab, "-o", saved}, {"diff", saved, lab},
				{"down", lab}, {"up", saved, "--name", lab}, {"diff", file, lab}} {
				if out, err := run(args...); err != nil || args[0] == "diff" && out != "" {
					text, _ := os.ReadFile(saved)
					t.Fatalf("%v: %v\n%s\n%s", args, err, out, text)
				}
			}
		})
	}
}
