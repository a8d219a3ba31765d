package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/stdlib"
)

// modules finds modules in files and in the library inside the binary, and
// keeps their texts for the process inside the sandbox, which cannot see them.
type modules struct {
	set *source.Set
	// Texts are the modules by their names.
	Texts map[string]string
	// outside: files may be read.
	outside bool
	// path is the name by which a file is reached; nil is the name itself.
	path  func(name string) string
	trees map[string]*syntax.Tree
}

func newModules(set *source.Set) *modules {
	return &modules{set: set, Texts: map[string]string{}, outside: true, trees: map[string]*syntax.Tree{}}
}

// Module finds what use names.
func (m *modules) Module(from, target string) (string, *syntax.Tree, error) {
	name := moduleName(from, target)
	if tree := m.trees[name]; tree != nil {
		return name, tree, nil
	}
	text, ok := m.Texts[name]
	if !ok {
		var err error
		if text, err = m.read(name); err != nil {
			return name, nil, err
		}
		m.Texts[name] = text
	}
	m.trees[name] = syntax.Split(m.set.Add(name, text))
	return name, m.trees[name], nil
}

// moduleName is the file that a module is in: beside the one that uses it.
func moduleName(from, target string) string {
	if strings.HasPrefix(target, "std/") || filepath.IsAbs(target) {
		return target
	}
	if strings.HasPrefix(from, "std/") {
		return path.Join(path.Dir(from), target)
	}
	return filepath.Join(filepath.Dir(from), target)
}

func (m *modules) read(name string) (string, error) {
	if lib, ok := strings.CutPrefix(name, "std/"); ok {
		text, err := fs.ReadFile(stdlib.Std(), lib+".nsl")
		if err != nil {
			return "", fmt.Errorf("the library has no such module; it has %s", strings.Join(stdlib.StdNames(), " "))
		}
		return string(text), nil
	}
	if !m.outside {
		return "", eval.ErrNoModule
	}
	file := name
	if m.path != nil {
		file = m.path(name)
	}
	text, err := read(file, os.Stdin)
	if err != nil {
		return "", fmt.Errorf("it was looked for at %s: %w", name, reason(err))
	}
	return text, nil
}
