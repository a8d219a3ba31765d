package foreign_test

import (
	"os"
	"path/filepath"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// TestTutorials holds that each of the five tutorials, pasted whole, ends in its network.
func TestTutorials(t *testing.T) {
	labtest.NeedSandbox(t)
	labtest.NeedPrograms(t, "ip", "iptables")
	files, err := filepath.Glob("testdata/tutorials/*.nsl")
	if err != nil || len(files) != 5 {
		t.Fatalf("%d tutorials: %v", len(files), err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			labs.Hold(t, string(text))
		})
	}
}
