// Command gendoc writes the pages of docs/ that come from the program itself.
//
//	go run ./scripts/gendoc docs
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"nsl/lang/doc"
	"nsl/stdlib"
)

//go:generate go run . ../../docs

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gendoc DIRECTORY")
		os.Exit(2)
	}
	for name, text := range pages() {
		if err := os.WriteFile(filepath.Join(os.Args[1], name), []byte(text), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "gendoc:", err)
			os.Exit(1)
		}
	}
}

// pages are the generated files by name.
func pages() map[string]string {
	return map[string]string{
		"verbs.md":  doc.Page(stdlib.Table()),
		"std.md":    doc.LibraryPage(stdlib.Modules()),
		"errors.md": doc.ErrorsPage(),
	}
}
