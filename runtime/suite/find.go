package suite

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/report"
	"nsl/runtime/terminal"
)

// File is a script that expects something.
type File struct {
	Script script.Script
	// Access is what its lab gets, where [Suite.Admit] has set it.
	Access script.Access
	// Tests are the names of its outermost tests, as far as the check can know.
	Tests []string
	// found are the findings of the check; wrong is why they stop it, else "".
	found []report.Event
	wrong string
}

// Selection is which tests are run.
type Selection struct {
	// Run matches the names of the files and of the outermost tests; nil is all.
	Run *regexp.Regexp
	// Part is which of Parts parts of the files, from 1; 0 of 0 is all.
	Part, Parts int
}

// Find reads and checks the scripts below the paths that the selection leaves.
func Find(l script.Language, paths []string, o script.Options, sel Selection) ([]File, error) {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	names, err := scriptsBelow(l, paths)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, name := range names {
		f, expects := read(l, name, o)
		switch {
		case expects && (sel.Whole(f) || slices.ContainsFunc(f.Tests, sel.Run.MatchString)):
			files = append(files, f)
		case !expects && slices.Contains(paths, name):
			return nil, diag.Errorf(diag.NoTests, source.Span{}, "%s expects nothing", name).
				WithHelp("a script without a test, an expect or a require proves nothing; nsl run runs it")
		}
	}
	if len(files) == 0 {
		return nil, nothingToTest(paths, len(names), sel)
	}
	return sel.part(files), nil
}

func nothingToTest(paths []string, scripts int, sel Selection) error {
	d := diag.Errorf(diag.NoTests, source.Span{}, "there is nothing to test in %s", strings.Join(paths, ", "))
	switch {
	case sel.Run != nil:
		return d.WithHelp("no file and no test has a name that matches %s; --list without --run lists them", sel.Run)
	case scripts > 0:
		return d.WithHelp("of its %d scripts none holds a test, an expect or a require", scripts)
	}
	return d.WithHelp("scripts are files whose names end in .nsl")
}

// part is every n-th file.
func (sel Selection) part(files []File) []File {
	var part []File
	for i, f := range files {
		if i%max(1, sel.Parts) == max(1, sel.Part)-1 {
			part = append(part, f)
		}
	}
	return part
}

// Whole reports whether the file is meant as a whole.
func (sel Selection) Whole(f File) bool {
	return sel.Run == nil || sel.Run.MatchString(f.Script.Name)
}

// scriptsBelow are the files that are named, and those *.nsl below directories,
// hidden ones left out; sorted, each once. What cannot be read below a directory is
// one of them.
func scriptsBelow(l script.Language, paths []string) ([]string, error) {
	var names []string
	for _, root := range paths {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			hidden := path != root && strings.HasPrefix(d.Name(), ".")
			switch {
			case err != nil && path == root:
				return err
			case err != nil:
				names = append(names, path)
				return nil
			case d.IsDir() && hidden:
				return filepath.SkipDir
			case !d.IsDir() && (path == root || !hidden && filepath.Ext(path) == ".nsl"):
				names = append(names, path)
			}
			return nil
		})
		if err != nil {
			return nil, l.Unreadable(root, err)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// read reads and checks a script, and reports whether it expects something.
// One that cannot be read is an error in its place among the others.
func read(l script.Language, name string, o script.Options) (f File, expects bool) {
	set, err := l.Read([]string{name}, nil)
	list, _ := diag.FromError(err)
	if list.HasErrors() {
		return File{Script: script.Script{Name: name}, wrong: "the file cannot be read", found: shown(name, &source.Set{}, list)}, true
	}
	walk := func(set *source.Set, table *verb.Table, tree *syntax.Tree, w check.World, c check.Options) diag.List {
		c.Test = func(name string) { f.Tests = append(f.Tests, name) }
		c.Each = func(s check.Step) {
			expects = expects || s.Statement.Verb != nil && s.Statement.Verb.Role == verb.RoleExpect
		}
		list := check.Walk(set, table, tree, w, c)
		expects = expects || len(f.Tests) > 0 || holds(table, tree.Statements)
		return list
	}
	checked, list := l.Check(set, set.Files()[0], o.Run(), walk)
	f.Script, f.found = checked, shown(name, set, list)
	if list.HasErrors() {
		f.wrong = "the script is wrong"
	}
	return f, expects
}

func shown(name string, set *source.Set, list diag.List) []report.Event {
	return findings(name, diag.Text{Set: set, Color: terminal.Color(os.Stdout)}, list)
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
