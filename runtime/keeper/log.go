package keeper

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// The size at which a log loses its beginning, and what it keeps (bytes): it is
// in memory, as a runtime directory is a tmpfs.
const (
	logMost = 4 << 20
	logKept = 1 << 20
)

// Log writes down what a lab does, each line with its time, in a file that does
// not grow for ever. It may be used by several goroutines.
type Log struct {
	mu   sync.Mutex
	file *os.File
	line []byte
}

// NewLog writes to a file that was opened for appending and reading.
func NewLog(file *os.File) *Log { return &Log{file: file} }

// Write takes text in pieces of any size. A log that cannot be written stops
// nothing: there is no error.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line = append(l.line, p...)
	for {
		end := bytes.IndexByte(l.line, '\n') + 1
		if end == 0 && len(l.line) < logKept {
			return len(p), nil
		}
		if end == 0 {
			end = len(l.line)
		}
		_, _ = fmt.Fprintf(l.file, "%s %s\n", time.Now().Format(time.TimeOnly), bytes.TrimSuffix(l.line[:end], []byte("\n")))
		l.line = l.line[end:]
		l.shorten()
	}
}

// shorten takes the beginning of a long log away.
func (l *Log) shorten() {
	info, err := l.file.Stat()
	if err != nil || info.Size() < logMost {
		return
	}
	end, err := io.ReadAll(io.NewSectionReader(l.file, info.Size()-logKept, logKept))
	if err != nil || l.file.Truncate(0) != nil {
		return
	}
	_, _ = l.file.Write(end[bytes.IndexByte(end, '\n')+1:])
}
