//go:build linux && !nolabs

package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nsl/runtime/keeper"
	"nsl/runtime/lab"
	"nsl/runtime/proc"
	"nsl/stdlib/show"
)

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
		return proc.Programs(word), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveDefault
}

// completeDo proposes a lab and then a script.
func completeDo(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return completeLabs(c, args, word)
	}
	return completeFirst(completeScripts)(c, args[1:], word)
}

// completeDiff proposes scripts and labs: either may be first.
func completeDiff(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return completeFirst(completeLabs)(c, args[1:], word)
	}
	files, directive := completeScripts(c, args, word)
	return append(labNames(), files...), directive
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
func nodeNames(name string) []string {
	nodes, _ := lab.Nodes(name)
	return nodes
}
