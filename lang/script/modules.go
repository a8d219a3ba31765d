package script

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// library is how the names of the library's modules begin.
const library = "std/"

// InLibrary reports whether a module of that name is one of the library.
func InLibrary(name string) bool { return strings.HasPrefix(name, library) }

// Modules finds modules in files and in the library, and keeps their texts for
// processes that cannot see the files.
type Modules struct {
	set     *source.Set
	table   *verb.Table
	library fs.FS
	texts   map[string]string
	trees   map[string]*syntax.Tree
	// open opens a module's file; nil when no file may be read.
	open Open
	// below are the directories that modules must be below, by the file that uses them.
	below map[string]string
}

// Open opens a regular file for reading, by a name below a directory that no link leads
// out of; below "" it is any name. The caller closes it.
type Open = func(below, name string) (io.ReadCloser, error)

// Modules finds modules in files below the directory of the script, as well.
func (l Language) Modules(set *source.Set, scriptName string) *Modules {
	return l.ModulesAt(set, scriptName, openBelow)
}

// ModulesAt finds modules in files that open opens. Where there is no script, "", and the
// person types, it may be any file; what that uses is below its directory.
func (l Language) ModulesAt(set *source.Set, scriptName string, open Open) *Modules {
	m := &Modules{set: set, table: l.Table, library: l.Library, texts: map[string]string{}, trees: map[string]*syntax.Tree{},
		open: open, below: map[string]string{}}
	if scriptName != "" {
		m.Loaded(scriptName)
	}
	return m
}

// Loaded says that a file is a script: what it uses is below its directory.
func (m *Modules) Loaded(file string) { m.below[file] = filepath.Dir(file) }

// ModulesOf finds those that the check of a script has found, and the library's.
func (l Language) ModulesOf(set *source.Set, s Script) *Modules {
	m := l.ModulesAt(set, s.Name, nil)
	if s.Modules != nil {
		m.texts = s.Modules
	}
	return m
}

// Module finds what use names.
func (m *Modules) Module(from, target string) (string, *syntax.Tree, error) {
	name := moduleName(from, target)
	if tree := m.trees[name]; tree != nil {
		return name, tree, nil
	}
	text, ok := m.texts[name]
	if !ok {
		var err error
		if text, err = m.read(from, name); err != nil {
			return name, nil, err
		}
		m.texts[name] = text
	}
	m.trees[name] = m.table.Split(m.set.Add(name, text))
	return name, m.trees[name], nil
}

// moduleName is the file that a module is in: beside the one that uses it.
func moduleName(from, target string) string {
	if strings.HasPrefix(target, library) || filepath.IsAbs(target) {
		return target
	}
	if strings.HasPrefix(from, library) {
		return path.Join(path.Dir(from), target)
	}
	return filepath.Join(filepath.Dir(from), target)
}

// ModuleFile is the file of the module that a file uses, or its name in the library.
func ModuleFile(from, target string) string { return moduleName(from, target) }

// OpenModule opens the file of a module: a regular file, below a directory if there is one.
func OpenModule(below, name string) (io.ReadCloser, error) { return openBelow(below, name) }

func (m *Modules) read(from, name string) (string, error) {
	if lib, ok := strings.CutPrefix(name, library); ok {
		text, err := fs.ReadFile(m.library, lib+".nsl")
		if err != nil {
			return "", fmt.Errorf("the library has no such module; it has %s", strings.Join(names(m.library), " "))
		}
		return string(text), nil
	}
	if m.open == nil {
		return "", eval.ErrNoModule
	}
	dir := m.below[from]
	f, err := m.open(dir, name)
	if err != nil && errors.Is(err, errNotBelow) {
		return "", err
	}
	if err != nil {
		return "", fmt.Errorf("it was looked for at %s: %w", name, Reason(err))
	}
	if dir == "" {
		dir = filepath.Dir(name)
	}
	m.below[name] = dir
	return readAll(f)
}

// ModuleNames are the modules of the library, as use names them.
func (l Language) ModuleNames() []string { return names(l.Library) }

func names(lib fs.FS) []string {
	files, _ := fs.Glob(lib, "*.nsl") // the pattern is right
	for i, f := range files {
		files[i] = library + strings.TrimSuffix(f, ".nsl")
	}
	return files
}
