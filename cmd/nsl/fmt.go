package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/format"
	"nsl/lang/source"
)

func fmtCommand() *cobra.Command {
	var write, showDiff bool
	c := &cobra.Command{
		Use:   "fmt [-w|-d] [FILE…]",
		Short: "print scripts in their canonical form",
		Long: `Comments, blank lines and line breaks inside lists are kept. Without a FILE, or
with -, standard input is formatted. With -d the exit code is 1 when a file is
not in its canonical form.`,
		RunE: func(_ *cobra.Command, args []string) error { return done(formatScripts(args, write, showDiff)) },
	}
	c.Flags().BoolVarP(&write, "write", "w", false, "write the result back to the file")
	c.Flags().BoolVarP(&showDiff, "diff", "d", false, "print what would change, as a diff")
	c.MarkFlagsMutuallyExclusive("write", "diff")
	return c
}

func formatScripts(names []string, write, showDiff bool) int {
	if len(names) == 0 {
		names = []string{stdinName}
	}
	set, err := load(names, os.Stdin)
	if err != nil {
		return tell(os.Stderr, set, colorOn(os.Stderr), err)
	}
	code := exitHeld
	for _, f := range set.Files() {
		code = max(code, formatOne(set, f, write, showDiff))
	}
	return code
}

func formatOne(set *source.Set, f *source.File, write, showDiff bool) int {
	text, list := format.Source(f)
	if list.HasErrors() {
		return tell(os.Stderr, set, colorOn(os.Stderr), list)
	}
	switch {
	case showDiff && text == f.Text:
		return exitHeld
	case showDiff:
		fmt.Fprint(os.Stdout, format.Diff(f.Name, f.Text, text))
		return exitFailed
	case write && f.Name != stdinName:
		return rewrite(f, text)
	}
	fmt.Fprint(os.Stdout, text)
	return exitHeld
}

// rewrite replaces a file's text as a whole or not at all: a full disk must not
// cost the script.
func rewrite(f *source.File, text string) int {
	if text == f.Text {
		return exitHeld
	}
	if err := replaceFile(f.Name, text); err != nil {
		return tell(os.Stderr, nil, colorOn(os.Stderr),
			diag.Errorf(diag.NoFile, source.Span{}, "cannot write %s: %v", f.Name, err))
	}
	return exitHeld
}
