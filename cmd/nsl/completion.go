package main

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nsl/runtime/keeper"
	"nsl/runtime/lab"
	"nsl/runtime/plan"
	"nsl/stdlib/show"
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
		case "version", "doctor":
			c.ValidArgsFunction = cobra.NoFileCompletions
		}
		for _, flag := range []string{"name", "set", "run", "shard", "timeout"} {
			if c.Flags().Lookup(flag) != nil {
				// It fails only for a flag that is not there.
				_ = c.RegisterFlagCompletionFunc(flag, cobra.NoFileCompletions)
			}
		}
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
	dir, start := filepath.Split(word)
	at := cmp.Or(dir, ".")
	if rest, found := strings.CutPrefix(dir, "~/"); found {
		at = filepath.Join(os.Getenv("HOME"), rest)
	}
	entries, err := os.ReadDir(at)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	directive := cobra.ShellCompDirectiveNoFileComp
	for _, e := range entries {
		name := e.Name()
		switch {
		case !strings.HasPrefix(name, start), start == "" && name[0] == '.':
		case isDir(filepath.Join(at, name)):
			names = append(names, dir+name+"/")
			directive |= cobra.ShellCompDirectiveNoSpace
		case filepath.Ext(name) == ".nsl":
			names = append(names, dir+name)
		}
	}
	return names, directive
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// completeLabs proposes labs that were not named yet.
func completeLabs(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	names := slices.DeleteFunc(labNames(), func(name string) bool { return slices.Contains(args, name) })
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeNode proposes a lab and then a node of it; what follows is a
// command, with files.
func completeNode(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return labNames(), cobra.ShellCompDirectiveNoFileComp
	case 1:
		return nodeNames(args[0]), cobra.ShellCompDirectiveNoFileComp
	}
	if c.Name() == "exec" && len(command(append(args, word))) == 1 && !strings.Contains(word, "/") {
		return programs(word), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveDefault
}

// programs are those of PATH that begin so; one that may not be run is proposed
// too.
func programs(start string) []string {
	seen := map[string]bool{}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), start) {
				seen[e.Name()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// completeShow proposes a lab, what there is to show, and its nodes.
func completeShow(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var list []string
	switch len(args) {
	case 0:
		list = labNames()
	case 1:
		list = append(show.Names(), nodeNames(args[0])...)
	case 2:
		list = nodeNames(args[0])
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// labNames are the labs of this user; an error proposes nothing.
func labNames() (names []string) {
	_ = keeper.In(func(dir *keeper.Dir) (err error) {
		names, err = dir.Names()
		return err
	})
	return names
}

// nodeNames are the nodes of a lab, the host among them; an error proposes
// nothing.
func nodeNames(name string) (nodes []string) {
	_, _ = lab.With(name, func(c lab.Client) (int, error) {
		s, err := c.Status()
		if err == nil {
			nodes = slices.Concat(s.Nodes, []string{plan.Host})
		}
		return 0, err
	})
	return nodes
}
