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
	d := diag.Errorf(diag.NoFile, source.Span{}, "cannot read %s: %v", name, reason(err))
	if near := diag.Nearest(name, commandNames()); near != "" && errors.Is(err, fs.ErrNotExist) {
		return d.WithHelp("or did you mean: nsl %s", near)
	}
	return d
}

// reason is an error without the name of the file, which is told anyway.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// script is a file that was read and checked, and what its run needs beside it.
type script struct {
	file     *source.File
	modules  *modules
	warnings diag.List
}

// checkAll checks all files, each by itself, and returns the findings.
func checkAll(set *source.Set, o langOptions) ([]script, diag.List) {
	var list diag.List
	var scripts []script
	table := stdlib.Table()
	for _, f := range set.Files() {
		m := newModules(set)
		tree := syntax.Split(f)
		found := append(o.unbound(table, tree), check.Walk(set, table, tree, model.New(), o.check(m))...)
		list.Add(found...)
		scripts = append(scripts, script{f, m, found})
	}
	return scripts, list
}
