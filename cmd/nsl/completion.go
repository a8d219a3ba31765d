package main

import (
	"slices"

	"github.com/spf13/cobra"

	"nsl/runtime/keeper"
	"nsl/runtime/plan"
	"nsl/stdlib"
)

// completer proposes what may stand next, as cobra wants it.
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

// completeScripts proposes files with scripts.
func completeScripts(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"nsl"}, cobra.ShellCompDirectiveFilterFileExt
}

// completeLabs proposes labs that were not named yet.
func completeLabs(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	names := slices.DeleteFunc(labNames(), func(name string) bool { return slices.Contains(args, name) })
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeNode proposes a lab and then a node of it; what stands behind is a
// command, with files.
func completeNode(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return labNames(), cobra.ShellCompDirectiveNoFileComp
	case 1:
		return nodeNames(args[0]), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveDefault
}

// completeShow proposes a lab, what there is to show, and its nodes.
func completeShow(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var list []string
	switch len(args) {
	case 0:
		list = labNames()
	case 1:
		list = append(stdlib.Shown(), nodeNames(args[0])...)
	case 2:
		list = nodeNames(args[0])
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// labNames are the labs of this user; an error proposes nothing.
func labNames() []string {
	dir, err := keeper.Open()
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Names()
	return names
}

// nodeNames are the nodes of a lab, the host among them.
func nodeNames(lab string) []string {
	var nodes []string
	_, err := dialed(lab, func(c *keeper.Conn) (int, error) {
		s, err := askStatus(c)
		nodes = append(s.Nodes, plan.Host)
		return 0, err
	})
	if err != nil {
		return nil
	}
	return nodes
}
