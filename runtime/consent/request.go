package consent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
)

// request is what a script asks for.
type request struct {
	// script is its name, and dir the directory that it is in.
	script, dir string
	grants      script.Grants
}

var (
	errOutside = errors.New("it is a link that leads out of the script's directory")
	errHome    = errors.New("that is your home directory, which no script gets as a whole")
)

// find is a grant with the real name of what is meant.
func (r request) find(g script.Grant) (script.Grant, error) {
	if g.Kind == script.GrantEnv {
		return g, nil
	}
	path, err := realPath(filepath.Join(r.dir, g.Name), g.Kind == script.GrantWrite)
	if err != nil {
		return g, err
	}
	if !holds(r.dir, path) {
		return g, errOutside
	}
	if home, err := os.UserHomeDir(); err == nil {
		if home, err = filepath.EvalSymlinks(home); err == nil && holds(path, home) {
			return g, errHome
		}
	}
	return script.Grant{Kind: g.Kind, Name: path}, nil
}

// realPath is a name without links. With create, what is not there is left as it is.
func realPath(path string, create bool) (string, error) {
	found, err := filepath.EvalSymlinks(path)
	if !create || !errors.Is(err, fs.ErrNotExist) || filepath.Dir(path) == path {
		return found, err
	}
	if _, err := os.Lstat(path); err == nil {
		return "", errOutside // it would be made where the link leads
	}
	parent, err := realPath(filepath.Dir(path), true)
	return filepath.Join(parent, filepath.Base(path)), err
}

// holds reports whether a directory is, or holds, what has the other name.
func holds(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// create makes what is to be written and not there: a file if its name has a suffix,
// else a directory. It follows no link out of the script's directory.
func (r request) create() error {
	for _, g := range r.grants {
		if g.Kind != script.GrantWrite {
			continue
		}
		if _, err := os.Lstat(g.Name); err == nil {
			continue
		}
		if err := createBelow(r.dir, g.Name); err != nil {
			return err
		}
	}
	return nil
}

func createBelow(dir, name string) error {
	rel, err := filepath.Rel(dir, name)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if filepath.Ext(name) == "" {
		return root.MkdirAll(rel, 0o777)
	}
	if err := root.MkdirAll(filepath.Dir(rel), 0o777); err != nil {
		return err
	}
	f, err := root.OpenFile(rel, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	return f.Close()
}

// list says in plain words what is asked for, a line for each.
func (r request) list() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	for _, g := range r.grants {
		fmt.Fprintf(w, "  %s\t%s\n", diag.PlainLine(g.Name), meaning(g))
	}
	_ = w.Flush() // to memory
	return b.String()
}

// meaning is what the lab may do with what it gets.
func meaning(g script.Grant) string {
	if g.Kind == script.GrantEnv {
		return "read this variable of the environment"
	}
	info, err := os.Stat(g.Name)
	what := "this file"
	switch {
	case err != nil && filepath.Ext(g.Name) != "":
		what = "this file, which is made"
	case err != nil:
		what = "this directory, which is made"
	case info.IsDir():
		what = "this directory with all that is in it"
	}
	return map[script.GrantKind]string{
		script.GrantRead: "read ", script.GrantRun: "read and run ", script.GrantWrite: "read, change and delete ",
	}[g.Kind] + what
}

// refused is the finding that the person has not agreed.
func (r request) refused() *diag.Diagnostic {
	return diag.New(diag.NotGranted, diag.Machine, source.Span{}, "%s asks for what you have not agreed to; nothing was run", r.script).
		WithHelp("%sagree on a terminal, or with --grant: nsl run --grant %s", r.list(), r.script)
}
