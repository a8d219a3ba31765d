package script

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// Replace writes a file beside the old one and renames it over it, with the
// old one's mode. A symbolic link stays one. A file with several names (hard links) is
// written in place, so that it keeps them, and one that may not be written is not replaced.
func Replace(name, text string) (err error) {
	name, err = filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o222 == 0 { // which root may write nevertheless
		return &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if severalNames(info) {
		return inPlace(f, text)
	}
	if err := f.Close(); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".nsl-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	_, err = tmp.WriteString(text)
	if err = errors.Join(err, tmp.Chmod(info.Mode().Perm()), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}

// Write writes a file as a whole or not at all: one that is there is replaced.
func Write(name, text string) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return create(name, text)
	case err == nil && !info.Mode().IsRegular(): // a pipe
		return os.WriteFile(name, []byte(text), everyone)
	}
	return Replace(name, text)
}

// everyone may read a script, less the umask.
const everyone = 0o666

func create(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, everyone)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(name)
	}
	return err
}

// Unwritten is the finding that a file cannot be written.
func Unwritten(name string, err error) *diag.Diagnostic {
	return diag.New(diag.NoFile, severityOf(err), source.Span{}, "cannot write %s: %v", name, Reason(err))
}

// inPlace overwrites a file that is open, and closes it.
func inPlace(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	if err == nil {
		err = f.Truncate(int64(len(text)))
	}
	return errors.Join(err, f.Sync(), f.Close())
}
