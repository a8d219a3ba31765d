package main

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/runtime/model"
	"nsl/stdlib"
)

// stdinName is how standard input is called on the command line and in messages.
const stdinName = "-"

// maxSource bounds a script (bytes): nobody writes one by hand that is larger.
const maxSource = 16 << 20

// load reads scripts; the name - is standard input.
func load(names []string, stdin io.Reader) (*source.Set, error) {
	set := &source.Set{}
	for _, name := range names {
		text, err := read(name, stdin)
		if err != nil {
			return set, diag.List{unreadable(name, err)}
		}
		set.Add(name, text)
	}
	return set, nil
}

func read(name string, stdin io.Reader) (string, error) {
	r := stdin
	if name != stdinName {
		f, err := os.Open(name)
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

var errTooLarge = errors.New("it is larger than 16 MiB")

func unreadable(name string, err error) *diag.Diagnostic {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	d := diag.Errorf(diag.NoFile, source.Span{}, "cannot read %s: %v", name, err)
	if near := diag.Nearest(name, commandNames()); near != "" && errors.Is(err, fs.ErrNotExist) {
		return d.WithHelp("or did you mean: nsl %s", near)
	}
	return d
}

// trees splits the files into statements.
func trees(set *source.Set) []*syntax.Tree {
	var list []*syntax.Tree
	for _, f := range set.Files() {
		list = append(list, syntax.Split(f))
	}
	return list
}

// checkAll returns the findings about all files, each checked by itself.
func checkAll(set *source.Set) diag.List {
	var list diag.List
	table := stdlib.Table()
	for _, tree := range trees(set) {
		list.Add(check.Tree(set, table, tree, model.New())...)
	}
	return list
}
