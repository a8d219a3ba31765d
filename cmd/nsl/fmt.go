package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/format"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/runtime/terminal"
	"nsl/stdlib"
)

func fmtCommand() *cobra.Command {
	var write, showDiff bool
	c := &cobra.Command{
		Use:   "fmt [-w|-d] [FILE…]",
		Short: "print scripts in their canonical form",
		Long: `Comments, blank lines and line breaks inside lists are kept. Without a FILE, or
with -, standard input is formatted. With -d the exit code is 1 when a file is
not in its canonical form.`,
		RunE: func(_ *cobra.Command, args []string) error {
			if write && showDiff {
				return errors.New("nsl fmt takes -w or -d, not both")
			}
			return done(formatScripts(args, write, showDiff))
		},
	}
	c.Flags().BoolVarP(&write, "write", "w", false, "write the result back to the file")
	c.Flags().BoolVarP(&showDiff, "diff", "d", false, "print what would change, as a diff")
	return c
}

func formatScripts(names []string, write, showDiff bool) int {
	if len(names) == 0 {
		names = []string{script.Stdin}
	}
	set, err := language().Read(names, os.Stdin)
	if err != nil {
		return fail(set, err)
	}
	code := diag.ExitOK
	for _, f := range set.Files() {
		code = max(code, formatOne(set, f, write, showDiff))
	}
	return code
}

func formatOne(set *source.Set, f *source.File, write, showDiff bool) int {
	text, list := format.Source(f, stdlib.Table())
	if list.HasErrors() {
		return fail(set, list)
	}
	switch {
	case showDiff && text == f.Text:
		return diag.ExitOK
	case showDiff:
		_, err := os.Stdout.WriteString(format.Diff(f.Name, f.Text, text))
		return max(diag.ExitFailed, wrote("the output", err))
	case write && f.Name != script.Stdin:
		return rewrite(f, text)
	}
	_, err := os.Stdout.WriteString(text)
	return wrote("the output", err)
}

// rewrite replaces a file's text as a whole or not at all: a full disk must not
// cost the script.
func rewrite(f *source.File, text string) int {
	if text == f.Text {
		return diag.ExitOK
	}
	return wrote(f.Name, script.Replace(f.Name, text))
}

func wrote(name string, err error) int {
	if err == nil {
		return diag.ExitOK
	}
	return diag.Report(os.Stderr, nil, terminal.Color(os.Stderr), diag.New(diag.NoFile, diag.Machine, source.Span{}, "cannot write %s: %v", name, err))
}
