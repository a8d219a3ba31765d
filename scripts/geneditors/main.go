// Command geneditors writes the files that colour scripts in editors, from the table of
// statements.
//
//	go run ./scripts/geneditors scripts/editors
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"nsl/stdlib"
)

//go:generate go run . ../editors

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: geneditors DIRECTORY")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "geneditors:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	for name, text := range files(grammarOf(stdlib.Table())) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// files are the generated files by their names.
func files(g grammar) map[string]string {
	return map[string]string{
		"vscode/syntaxes/nsl.tmLanguage.json":      textMate(g),
		"vscode/syntaxes/markdown.tmLanguage.json": markdown(),
		"bat/nsl.sublime-syntax":                   sublime(g),
		"vim/syntax/nsl.vim":                       vim(g),
		"vim/ftdetect/nsl.vim":                     vimDetect,
		"vim/ftplugin/nsl.vim":                     vimPlugin,
		"nano/nsl.nanorc":                          nano(g),
		"emacs/nsl-mode.el":                        emacs(g),
	}
}
