package script

import (
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
}

// Open opens a file for reading. The caller closes it.
type Open = func(name string) (io.ReadCloser, error)

// Modules finds modules in files as well.
func (l Language) Modules(set *source.Set) *Modules {
	return l.ModulesAt(set, openRegular)
}

// ModulesAt finds modules in files that open opens.
func (l Language) ModulesAt(set *source.Set, open Open) *Modules {
	return &Modules{set: set, table: l.Table, library: l.Library, texts: map[string]string{}, trees: map[string]*syntax.Tree{}, open: open}
}

// ModulesOf finds those that the check of a script has found, and the library's.
func (l Language) ModulesOf(set *source.Set, s Script) *Modules {
	m := l.ModulesAt(set, nil)
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
		if text, err = m.read(name); err != nil {
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

// OpenModule opens the file of a module: a regular file.
func OpenModule(name string) (io.ReadCloser, error) { return openRegular(name) }

func (m *Modules) read(name string) (string, error) {
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
	text, err := read(name, nil, m.open)
	if err != nil {
		return "", fmt.Errorf("it was looked for at %s: %w", name, Reason(err))
	}
	return text, nil
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
