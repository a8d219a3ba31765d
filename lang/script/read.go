package script

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

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
		text, err := read(name, stdin)
		if err != nil {
			return set, diag.List{l.Unreadable(name, err)}
		}
		set.Add(name, text)
	}
	return set, nil
}

func read(name string, stdin io.Reader) (string, error) {
	if name == Stdin && stdin != nil {
		return readAll(io.NopCloser(stdin))
	}
	f, err := openFile(name)
	if err != nil {
		return "", err
	}
	return readAll(f)
}

// readAll reads a script, and closes it.
func readAll(r io.ReadCloser) (string, error) {
	defer func() { _ = r.Close() }()
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
	return regular(os.OpenFile(name, os.O_RDONLY|nonblock, 0))
}

// regular refuses what is open but not a regular file. One that is opened without
// waiting is read like another.
func regular(f *os.File, err error) (io.ReadCloser, error) {
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		err = errNotRegular
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// openBelow opens a regular file at or below a directory; no link leads out of it.
func openBelow(dir, name string) (io.ReadCloser, error) {
	if dir == "" {
		return openRegular(name)
	}
	rel, err := relative(dir, name)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	f, err := root.OpenFile(rel, os.O_RDONLY|nonblock, 0)
	if err != nil && escapes(root, rel) {
		err = errNotBelow
	}
	return regular(f, err)
}

// relative is a name as seen from a directory that it must be below.
func relative(dir, name string) (string, error) {
	absDir, errDir := filepath.Abs(dir)
	abs, err := filepath.Abs(name)
	if err = errors.Join(errDir, err); err != nil {
		return "", err
	}
	rel, err := filepath.Rel(absDir, abs)
	if err != nil || !filepath.IsLocal(rel) {
		return "", errNotBelow
	}
	return rel, nil
}

// escapes reports whether a name that could not be opened below a directory is a link
// that leads out of it.
func escapes(root *os.Root, rel string) bool {
	_, err := root.Stat(rel)
	_, there := os.Stat(filepath.Join(root.Name(), rel))
	return err != nil && there == nil
}

var (
	errTooLarge   = errors.New("it is larger than 16 MiB")
	errNotRegular = errors.New("not a regular file")
	errNotBelow   = errors.New("it is not below the directory of the script")
)

// Unreadable is the finding that a file cannot be read.
func (l Language) Unreadable(name string, err error) *diag.Diagnostic {
	d := diag.New(diag.NoFile, severityOf(err), source.Span{}, "cannot read %s: %v", name, Reason(err))
	if l.Commands == nil || !errors.Is(err, fs.ErrNotExist) {
		return d
	}
	if near := diag.Nearest(name, l.Commands()); near != "" {
		return d.WithHelp("or did you mean: nsl %s", near)
	}
	return d
}

// severityOf is that of a file that cannot be used: some errors are the machine's faults.
func severityOf(err error) diag.Severity {
	for _, fault := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EIO, syscall.ENOSPC, syscall.EDQUOT} {
		if errors.Is(err, fault) {
			return diag.Machine
		}
	}
	return diag.Error
}

// Reason is an error without the name of its file, for messages that have it.
func Reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
