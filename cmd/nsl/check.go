package main

import (
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/runtime/terminal"
)

// checkFormats are the ways in which check prints its findings.
func checkFormats() []string { return []string{"text", "json", "sarif"} }

func checkCommand() *cobra.Command {
	var format string
	var o script.Options
	c := &cobra.Command{
		Use:   "check FILE…",
		Short: "find what is wrong with scripts, without running them",
		Long: `All findings of all files are reported, also those about functions that nothing
calls and branches that are not taken. Exit codes: 0 nothing is wrong, or there
are only warnings; 2 something is.

--format json is an array of findings for programs of your own, --format sarif a
SARIF 2.1.0 log for code hosts and editors. Both have the edit that a finding
proposes ("did you mean").`,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf(format, checkFormats()); err != nil {
				return err
			}
			return done(checkScripts(args, format, o))
		},
	}
	scriptFlags(c, &o)
	c.Flags().StringVar(&format, "format", "text", "text, json or sarif")
	return c
}

// oneOf is the error that --format has none of the words that it takes.
func oneOf(word string, words []string) error {
	if slices.Contains(words, word) {
		return nil
	}
	return diag.Errorf("", source.Span{}, "--format: there is no %q", word).
		WithNearest(word, words, "there are %s", strings.Join(words, ", "))
}

func checkScripts(names []string, format string, o script.Options) int {
	set, err := language().Read(names, os.Stdin)
	if err != nil {
		return fail(set, err)
	}
	_, list := language().CheckAll(set, o)
	list = list.Once(set)
	if err := writeFindings(os.Stdout, format, set, list); err != nil {
		return fail(set, err)
	}
	return list.ExitCode()
}

func writeFindings(w io.Writer, format string, set *source.Set, list diag.List) error {
	switch format {
	case "json":
		return diag.WriteJSON(w, set, list)
	case "sarif":
		return diag.WriteSARIF(w, set, list, version)
	}
	return diag.Text{Set: set, Color: terminal.Color(os.Stdout)}.Write(w, list)
}
