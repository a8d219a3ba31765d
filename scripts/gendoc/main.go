// Command gendoc writes the pages of docs/ that come from the program itself.
//
//	go run ./scripts/gendoc docs stdlib/why/testdata/broken
//
// The second directory has the labs of docs/why.md, which is left out without it.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"nsl/lang/doc"
	"nsl/stdlib"
)

//go:generate go run . ../../docs ../../stdlib/why/testdata/broken

func main() {
	if len(os.Args) < 2 || len(os.Args) > 3 {
		fmt.Fprintln(os.Stderr, "usage: gendoc DIRECTORY [LABS]")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2:]...); err != nil {
		fmt.Fprintln(os.Stderr, "gendoc:", err)
		os.Exit(1)
	}
}

func write(dir string, labs ...string) error {
	list, err := pages(labs...)
	if err != nil {
		return err
	}
	for name, text := range list {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pages are the generated files by name; those that show labs are of the directories
// labs.
func pages(labs ...string) (map[string]string, error) {
	list := map[string]string{
		"verbs.md":  doc.Page(stdlib.Table()),
		"std.md":    doc.LibraryPage(stdlib.Modules()),
		"errors.md": doc.ErrorsPage(),
	}
	for _, dir := range labs {
		page, err := causesPage(dir)
		if err != nil {
			return nil, err
		}
		list["why.md"] = page
	}
	return list, nil
}
