//go:build linux && !nolabs

package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nsl/runtime/lab"
	"nsl/runtime/proc"
	"nsl/stdlib/show"
)

// completeLabs proposes labs that were not named yet.
func completeLabs(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	names := slices.DeleteFunc(lab.Names(), func(name string) bool { return slices.Contains(args, name) })
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeNode proposes a lab and then a node of it; what follows is a
// command, with files.
func completeNode(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return lab.Names(), cobra.ShellCompDirectiveNoFileComp
	case 1:
		return lab.NodeNames(args[0]), cobra.ShellCompDirectiveNoFileComp
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
	return append(lab.Names(), files...), directive
}

// completeShow proposes a lab, what there is to show, and its nodes.
func completeShow(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var list []string
	switch len(args) {
	case 0:
		list = lab.Names()
	case 1:
		list = append(show.Names(), lab.NodeNames(args[0])...)
	case 2:
		list = lab.NodeNames(args[0])
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}
