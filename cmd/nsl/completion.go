package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nsl/lang/complete"
	"nsl/lang/diag"
	"nsl/runtime/report"
)

// completes sets up what Tab proposes after the commands that do not say it
// themselves, and the command that prints the scripts for the shells.
func completes(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "run", "test", "check", "fmt", "explain":
			c.ValidArgsFunction = completeScripts
		case "completion":
			describeCompletion(c)
		case "version", "doctor", "trust":
			c.ValidArgsFunction = cobra.NoFileCompletions
		}
		for _, flag := range []string{"name", "set", "run", "shard", "timeout", "ignore"} {
			_ = c.RegisterFlagCompletionFunc(flag, cobra.NoFileCompletions) // it fails only for a flag that is not there
		}
		formats := map[string][]string{"test": report.Formats(), "check": diag.Formats(), "do": {"text", "json"}, "diff": {"text", "json"}, "doctor": {"text", "json"}}
		_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats[c.Name()], cobra.ShellCompDirectiveNoFileComp))
	}
	root.ValidArgsFunction = completeFirst(completeScripts)
}

// describeCompletion says in our own words what cobra prints.
func describeCompletion(c *cobra.Command) {
	c.Short = "print a script that makes your shell complete nsl's commands"
	c.Long = `With it, Tab proposes commands, flags, scripts, the running labs and their nodes.
Read it in each new shell, or keep it where the shell looks for such scripts:

  bash        source <(nsl completion bash)               # in ~/.bashrc
              ~/.local/share/bash-completion/completions/nsl
  zsh         source <(nsl completion zsh)                # in ~/.zshrc, after compinit
              a file _nsl in a directory of $fpath
  fish        ~/.config/fish/completions/nsl.fish
  powershell  nsl completion powershell | Out-String | Invoke-Expression`
	for _, shell := range c.Commands() {
		shell.Short = "print the script for " + shell.Name()
		shell.Long = "See nsl completion --help for where it goes."
		if shell.Name() == "bash" {
			standalone(shell)
		}
	}
}

// completer proposes what may come next, as cobra wants it.
type completer = cobra.CompletionFunc

// completeFirst proposes for the first argument only.
func completeFirst(first completer) completer {
	return func(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return first(c, args, word)
	}
}

// completeScripts proposes scripts, and directories that may hold some. It names
// them one by one: not every shell takes an extension.
func completeScripts(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	directive := cobra.ShellCompDirectiveNoFileComp
	files := complete.Files(word, os.Open)
	names := slices.DeleteFunc(files, func(name string) bool {
		if strings.HasSuffix(name, "/") {
			directive |= cobra.ShellCompDirectiveNoSpace
			return false
		}
		return filepath.Ext(name) != ".nsl"
	})
	return names, directive
}
