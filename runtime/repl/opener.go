package repl

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"nsl/lang/script"
	"nsl/runtime/files"
)

// Outside opens files of the person's.
type Outside interface {
	files.Opener
	// OpenBelow opens a file whose name is in another file; no link leads out of dir.
	OpenBelow(dir, name string, flag int, perm fs.FileMode) (*os.File, error)
}

// Opener opens the files that statements at a prompt name. A name that the person has
// typed is the person's consent: it is opened outside, relative to the directory in which
// the prompt was started, and a file is not overwritten without a question. A name that is
// in another file counts as far as that script was granted it. The lab's own files are
// those below /tmp and /run.
type Opener struct {
	outside Outside
	// typed is what was typed last, and from the file of the statement that is done.
	typed, from string
	// sure asks the person.
	sure func(question string) bool
	// written are the files that were made, or whose replacement was agreed to, and used
	// all that a saved script has to ask for.
	written map[string]bool
	used    map[string]script.GrantKind
	granted map[string]script.Grants
}

// NewOpener makes the opener of a prompt.
func NewOpener(outside Outside) *Opener {
	return &Opener{outside: outside, written: map[string]bool{}, used: map[string]script.GrantKind{}, granted: map[string]script.Grants{}}
}

// OpenFile opens a file.
func (o *Opener) OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error) {
	writes := flag&(os.O_WRONLY|os.O_RDWR) != 0
	clean := filepath.Clean(name)
	switch {
	case strings.HasPrefix(clean, "/tmp/"), strings.HasPrefix(clean, "/run/"):
		return files.Own{}.OpenFile(name, flag, perm)
	case !o.isTyped(name):
		return o.openGranted(clean, writes, flag, perm)
	case !writes:
		o.used[clean] = script.GrantRead
		return o.outside.OpenFile(name, flag, perm)
	}
	o.used[clean] = script.GrantWrite
	if flag&os.O_TRUNC == 0 || o.written[clean] {
		return o.outside.OpenFile(name, flag, perm)
	}
	return o.replace(name, flag, perm)
}

// replace opens a file to write it anew, and asks first if it is there.
func (o *Opener) replace(name string, flag int, perm fs.FileMode) (*os.File, error) {
	f, err := o.outside.OpenFile(name, flag|os.O_CREATE|os.O_EXCL, perm)
	if errors.Is(err, fs.ErrExist) {
		if !o.sure(fmt.Sprintf("%s is there already. Replace it?", name)) {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrExist}
		}
		f, err = o.outside.OpenFile(name, flag, perm)
	}
	if err == nil {
		o.written[filepath.Clean(name)] = true
	}
	return f, err
}

// isTyped reports whether the person has typed the name, or the statement that has it.
func (o *Opener) isTyped(name string) bool {
	_, loaded := o.granted[o.from]
	return o.from == typedName || !loaded && (script.InLibrary(o.from) || strings.Contains(o.typed, name))
}

// openGranted opens a file for the script that names it.
func (o *Opener) openGranted(name string, writes bool, flag int, perm fs.FileMode) (*os.File, error) {
	has := slices.ContainsFunc(o.granted[o.from], func(g script.Grant) bool { return g.Allows(name, writes) })
	switch {
	case has:
		return o.outside.OpenBelow(filepath.Dir(o.from), name, flag, perm)
	case writes:
		return nil, &fs.PathError{Op: "open", Path: name, Err: unix.EROFS}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
