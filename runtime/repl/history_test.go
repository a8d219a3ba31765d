package repl

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "nsl", "history")
	h, err := OpenHistory(path)
	if err != nil || len(h.Lines()) > 0 {
		t.Fatalf("%v, %v", h, err)
	}
	for line, kept := range map[string]bool{" secret": false, "\tsecret": false, "": false, "   ": false} {
		if h.Add(line) != kept {
			t.Errorf("%q is kept", line)
		}
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file was made with nothing to keep")
	}
	for _, line := range []string{"ns red", "ns red", "ns blue", "ns red"} {
		h.Add(line)
	}
	again, err := OpenHistory(path)
	if want := []string{"ns red", "ns blue", "ns red"}; err != nil || !slices.Equal(again.Lines(), want) {
		t.Errorf("read again: %q, %v", again.Lines(), err)
	}
	for name, mode := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700 | os.ModeDir} {
		if st, err := os.Stat(name); err != nil || st.Mode() != mode {
			t.Errorf("%s: %v, %v, want %v", name, st.Mode(), err, mode)
		}
	}
}

// A file that others can read is closed to them; one that grew is cut.
func TestOldHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	var text strings.Builder
	for i := range 3 * mostHistory {
		text.WriteString("print " + strconv.Itoa(i) + "\n")
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil { //nolint:gosec // that is what is tested
		t.Fatal(err)
	}
	h, err := OpenHistory(path)
	if err != nil || len(h.Lines()) != mostHistory || h.Lines()[mostHistory-1] != "print "+strconv.Itoa(3*mostHistory-1) {
		t.Errorf("%d lines, %v", len(h.Lines()), err)
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode() != 0o600 || st.Size() > int64(text.Len()/2) {
		t.Errorf("%v, %d bytes, %v", st.Mode(), st.Size(), err)
	}
}

func TestHistoryThatCannotBeRead(t *testing.T) {
	h, err := OpenHistory(t.TempDir())
	if err == nil || !h.Add("ns red") {
		t.Errorf("%v, %v", h, err)
	}
	if h, err = OpenHistory(""); err != nil || !h.Add("ns red") || len(h.Lines()) != 1 {
		t.Errorf("no file: %v, %v", h, err)
	}
}
