package repl

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// mostHistory is the number of lines that are remembered.
const mostHistory = 2000

// History is the lines that were typed, in this session and before. It is not
// for several goroutines.
type History struct {
	path  string
	lines []string
	// keep keeps a line for the next session; it may be nil.
	keep func(line string) error
}

// NewHistory is a history of these lines, which keeps new ones with keep.
func NewHistory(lines []string, keep func(line string) error) *History {
	return &History{lines: lines, keep: keep}
}

// OpenHistory reads the lines of a file. The file and its directory are made when
// the first line is kept, readable only for the user. With no path nothing
// is read or written. A history that cannot be read begins anew, with the error.
func OpenHistory(path string) (*History, error) {
	h := &History{path: path}
	h.keep = h.Keep
	if path == "" {
		return h, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err != nil {
		h.path = ""
		return h, err
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			h.lines = append(h.lines, line)
		}
	}
	// What others could read until now they cannot any more.
	err = os.Chmod(path, 0o600)
	if most := len(h.lines) - mostHistory; most > mostHistory {
		h.lines = h.lines[most:]
		err = errors.Join(err, h.rewrite())
	}
	return h, err
}

// rewrite replaces the file at once: another prompt reads the old one or the new.
func (h *History) rewrite() error {
	f, err := os.CreateTemp(filepath.Dir(h.path), ".history-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(strings.Join(h.lines, "\n") + "\n")
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), h.path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// Lines are the newest lines, oldest first.
func (h *History) Lines() []string {
	if h == nil {
		return nil
	}
	return h.lines[max(0, len(h.lines)-mostHistory):]
}

// Add keeps a line, unless it begins with a blank, is empty, or is the same as
// the one before; it reports whether it was one to keep. A file that cannot be
// written costs nothing but its next session.
func (h *History) Add(line string) bool {
	if strings.TrimSpace(line) == "" || line[0] == ' ' || line[0] == '\t' {
		return false
	}
	if h == nil || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return true
	}
	h.lines = append(h.lines, line)
	if h.keep != nil {
		_ = h.keep(line)
	}
	return true
}

// Keep writes a line to the file, if there is one.
func (h *History) Keep(line string) error {
	if h.path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(h.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n") // one write: two prompts do not mix their lines
	return errors.Join(err, f.Close())
}
