package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/script"
)

func fmtCommand() *cobra.Command {
	var o script.FormatOptions
	c := &cobra.Command{
		Use:   "fmt [-w|-d] [FILE…]",
		Short: "print scripts in their canonical form",
		Long: `Comments, blank lines and line breaks inside lists are kept. Without a FILE, or
with -, standard input is formatted. With -d the exit code is 1 when a file is
not in its canonical form.`,
		RunE: func(_ *cobra.Command, args []string) error {
			if o.Write && o.Diff {
				return errors.New("nsl fmt takes -w or -d, not both")
			}
			return done(formatScripts(args, o))
		},
	}
	c.Flags().BoolVarP(&o.Write, "write", "w", false, "write the result back to the file")
	c.Flags().BoolVarP(&o.Diff, "diff", "d", false, "print what would change, as a diff")
	return c
}

func formatScripts(names []string, o script.FormatOptions) int {
	if len(names) == 0 {
		names = []string{script.Stdin}
	}
	set, err := language().Read(names, os.Stdin)
	if err != nil {
		return fail(set, err)
	}
	code := diag.ExitOK
	for _, f := range set.Files() {
		exit, err := language().Format(os.Stdout, f, o)
		code = max(code, exit, fail(set, err))
	}
	return code
}
