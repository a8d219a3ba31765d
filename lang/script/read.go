package script

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// Stdin is the name of standard input on the command line and in messages.
const Stdin = "-"

// maxSource bounds a script (bytes); no one writes a larger one by hand.
const maxSource = 16 << 20

// Read reads scripts; the name - is stdin. The error is a diagnostic.
func (l Language) Read(names []string, stdin io.Reader) (*source.Set, error) {
	set := &source.Set{}
	for _, name := range names {
		text, err := read(name, stdin, openFile)
		if err != nil {
			return set, diag.List{l.Unreadable(name, err)}
		}
		set.Add(name, text)
	}
	return set, nil
}

func read(name string, stdin io.Reader, open Open) (string, error) {
	r := stdin
	if name != Stdin || stdin == nil {
		f, err := open(name)
		if err != nil {
			return "", err
		}
		defer func() { _ = f.Close() }()
		r = f
	}
	text, err := io.ReadAll(io.LimitReader(r, maxSource+1))
	if err == nil && len(text) > maxSource {
		err = errTooLarge
	}
	return string(text), err
}

// openFile opens a script: a regular file, or what the shell has opened for this
// process, as for <(COMMAND).
func openFile(name string) (io.ReadCloser, error) {
	if name == "/dev/stdin" || strings.HasPrefix(name, "/dev/fd/") || strings.HasPrefix(name, "/proc/self/fd/") {
		return os.Open(name)
	}
	return openRegular(name)
}

// openRegular opens a regular file: another may wait for a writer, or never end.
func openRegular(name string) (io.ReadCloser, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil, errNotRegular
	}
	return os.Open(name)
}

var (
	errTooLarge   = errors.New("it is larger than 16 MiB")
	errNotRegular = errors.New("not a regular file")
)

// Unreadable is the finding that a file cannot be read.
func (l Language) Unreadable(name string, err error) *diag.Diagnostic {
	d := diag.Errorf(diag.NoFile, source.Span{}, "cannot read %s: %v", name, Reason(err))
	if l.Commands == nil || !errors.Is(err, fs.ErrNotExist) {
		return d
	}
	if near := diag.Nearest(name, l.Commands()); near != "" {
		return d.WithHelp("or did you mean: nsl %s", near)
	}
	return d
}

// Reason is an error without the name of its file, for messages that have it.
func Reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
