package keeper

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestALogLosesItsBeginning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l := NewLog(f)
	line := strings.Repeat("x", 1000)
	for i := range 3 * logMost / 1000 {
		_, _ = l.Write([]byte(line[:500]))
		_, _ = l.Write([]byte(line[500:] + " " + strconv.Itoa(i) + "\n"))
	}
	text, err := os.ReadFile(path)
	if err != nil || len(text) > logMost || len(text) < logKept {
		t.Fatalf("%d bytes, %v", len(text), err)
	}
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	for i, line := range lines {
		if _, err := time.Parse(time.TimeOnly, string(line[:8])); err != nil || line[9] != 'x' {
			t.Fatalf("line %d: %.40q", i, line)
		}
	}
	if last := lines[len(lines)-1]; !bytes.HasSuffix(last, []byte(" "+strconv.Itoa(3*logMost/1000-1))) {
		t.Errorf("the last line is %.20q…", last)
	}
}
