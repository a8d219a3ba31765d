package stdlib

import (
	"embed"
	"io/fs"
	"strings"
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
