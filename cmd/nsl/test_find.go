package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/model"
	"nsl/runtime/suite"
	"nsl/stdlib"
)

// testFile is a script that expects something.
type testFile struct {
	script suite.Script
	text   string
	// modules are the texts of what it uses, told the warnings of its check.
	modules map[string]string
	told    []string
	// tests are the names of its outermost tests, as far as the check can tell.
	tests []string
}

// findTests reads and checks the scripts below the paths that --run and --shard
// leave.
func findTests(paths []string, o testOptions) ([]testFile, error) {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	names, err := scriptsBelow(paths)
	if err != nil {
		return nil, err
	}
	var files []testFile
	for _, name := range names {
		f, expects, err := readTest(name, o)
		switch {
		case err != nil:
			return nil, err
		case expects && f.selected(o):
			files = append(files, f)
		case !expects && slices.Contains(paths, name):
			return nil, diag.Errorf(diag.NoTests, source.Span{}, "%s expects nothing", name).
				WithHelp("a script without a test, an expect or a require proves nothing; nsl run runs it")
		}
	}
	if len(files) == 0 {
		return nil, nothingToTest(paths, len(names), o)
	}
	return shard(files, o.part, o.parts), nil
}

func nothingToTest(paths []string, scripts int, o testOptions) error {
	d := diag.Errorf(diag.NoTests, source.Span{}, "there is nothing to test in %s", strings.Join(paths, ", "))
	switch {
	case o.run != "":
		return d.WithHelp("no file and no test has a name that matches %s; --list without --run lists them", o.run)
	case scripts > 0:
		return d.WithHelp("of its %d scripts none holds a test, an expect or a require", scripts)
	}
	return d.WithHelp("scripts are files whose names end in .nsl")
}

// shard is the i-th of n parts: every n-th file.
func shard(files []testFile, i, n int) []testFile {
	var part []testFile
	for k, f := range files {
		if k%n == i-1 {
			part = append(part, f)
		}
	}
	return part
}

// scriptsBelow are the files that are named, and those *.nsl below directories,
// hidden ones left out; sorted, each once.
func scriptsBelow(paths []string) ([]string, error) {
	var names []string
	for _, root := range paths {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			hidden := path != root && strings.HasPrefix(d.Name(), ".")
			switch {
			case err != nil:
				return err
			case d.IsDir() && hidden:
				return filepath.SkipDir
			case !d.IsDir() && (path == root || !hidden && filepath.Ext(path) == ".nsl"):
				names = append(names, path)
			}
			return nil
		})
		if err != nil {
			return nil, unreadable(root, err)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// readTest reads and checks a script, and tells whether it expects something.
func readTest(name string, o testOptions) (f testFile, expects bool, err error) {
	text, err := read(name, nil)
	if err != nil {
		return f, false, unreadable(name, err)
	}
	set := &source.Set{}
	tree := syntax.Split(set.Add(name, text))
	m := newModules(set)
	f = testFile{script: suite.Script{Name: name}, text: text}
	known, table := o.Lang.known(), stdlib.Table()
	c := known.check(m)
	c.Test = func(name string) { f.tests = append(f.tests, name) }
	c.Each = func(s check.Step) {
		expects = expects || s.Statement.Verb != nil && s.Statement.Verb.Role == verb.RoleExpect
	}
	list := append(known.unbound(table, tree), check.Walk(set, table, tree, model.New(), c)...)
	f.modules, f.told, f.script.Wrong = m.Texts, told(set, list), list.HasErrors()
	f.script.Found = suite.Findings(name, diag.Text{Set: set, Color: colorOn(os.Stdout)}, list)
	return f, expects || len(f.tests) > 0 || holds(table, tree.Statements), nil
}

// holds finds a test or an expectation that is not in a function: one that was
// not reached in the check, because something is wrong before it.
func holds(table *verb.Table, list []*syntax.Statement) bool {
	return slices.ContainsFunc(list, func(st *syntax.Statement) bool {
		if st.Bad {
			return false
		}
		switch table.Role(st.Verb()) {
		case verb.RoleExpect, verb.RoleTest:
			return true
		case verb.RoleDef:
			return false
		}
		return slices.ContainsFunc(st.Parts, func(p syntax.Part) bool { return p.Block != nil && holds(table, p.Block.Statements) })
	})
}

// selected reports whether --run takes the file or one of its tests.
func (f testFile) selected(o testOptions) bool {
	return o.pattern.MatchString(f.script.Name) || slices.ContainsFunc(f.tests, o.pattern.MatchString)
}
