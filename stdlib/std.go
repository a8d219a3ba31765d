package stdlib

import (
	"embed"
	"io/fs"
	"strings"

	"nsl/lang/eval"
	"nsl/lang/source"
)

//go:embed std/*.nsl
var std embed.FS

// Std is the library that use std/NAME reads: NAME.nsl.
func Std() fs.FS {
	sub, err := fs.Sub(std, "std")
	if err != nil {
		panic(err) // the folder is part of the binary
	}
	return sub
}

// StdNames are the modules of the library, as use names them.
func StdNames() []string {
	var names []string
	files, _ := fs.Glob(Std(), "*.nsl")
	for _, f := range files {
		names = append(names, "std/"+strings.TrimSuffix(f, ".nsl"))
	}
	return names
}

// Modules are what the modules of the library say of themselves.
func Modules() []eval.Module {
	var modules []eval.Module
	table := Table()
	for _, name := range StdNames() {
		text, err := fs.ReadFile(Std(), strings.TrimPrefix(name, "std/")+".nsl")
		if err != nil {
			panic(err) // it was listed just now, and is part of the binary
		}
		m, list := eval.Describe(table, name, table.Split((&source.Set{}).Add(name, string(text))))
		if len(list) > 0 {
			panic(list) // the library is tested
		}
		modules = append(modules, m)
	}
	return modules
}
