// Package explain tells a script in the words of iproute2, nftables and
// sysctl: as a shell script that builds the same network.
package explain

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Walk is a [check.Walk] that writes the shell script as well, by [Script].
func Walk(out io.Writer) func(*source.Set, *verb.Table, *syntax.Tree, check.World, check.Options) diag.List {
	return func(set *source.Set, table *verb.Table, tree *syntax.Tree, w check.World, o check.Options) diag.List {
		return Script(out, set, table, tree, w, o)
	}
}

// Script writes the shell script for a tree; w is a fresh model, nothing else
// is touched. When the script is wrong the findings are returned, and what has
// been written is of no use.
func Script(out io.Writer, set *source.Set, table *verb.Table, tree *syntax.Tree, w check.World, o check.Options) diag.List {
	b := bufio.NewWriter(out)
	e := &explainer{out: b, set: set}
	e.head(tree.File.Name)
	o.Each = e.step
	// The kernel ends a namespace some time after ip netns del: cables go before it.
	o.Undoable = true
	list := check.Walk(set, table, tree, w, o)
	if err := b.Flush(); err != nil {
		list.Add(diag.New("", diag.Machine, source.Span{}, "cannot write: %v", err))
	}
	return list
}

type explainer struct {
	out *bufio.Writer
	set *source.Set
}

// head opens the script: how to run it safely, and the settings that every
// namespace of a lab starts with.
func (e *explainer) head(name string) {
	fmt.Fprintf(e.out, `#!/bin/sh
# What %s builds, in commands of iproute2, nftables and sysctl.
# To run it in a throw-away network, with no root:
#   unshare --map-root-user --mount --net sh -c 'mount -t tmpfs tmpfs /run && sh THIS-FILE'
set -e
PATH=$PATH:/usr/sbin:/sbin # where sysctl is, which not every user's has

# Every namespace of a lab starts with the same settings, and lo up.
baseline="%s"
sysctl -eqw $baseline
ip link set lo up
`, oneLine(name), strings.Join(baseline(), "\n  "))
}

func baseline() []string {
	var words []string
	for _, s := range plan.BaselineSettings() {
		words = append(words, s.Key+"="+s.Value)
	}
	return words
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (e *explainer) step(s check.Step) {
	fmt.Fprintln(e.out)
	if s.Statement.Statement == nil {
		fmt.Fprintf(e.out, "# the test %q ends: what it changed is as before\n", oneLine(s.Undone))
		e.ops(s.Ops)
		return
	}
	for line := range strings.Lines(e.set.Text(s.Statement.Span)) {
		fmt.Fprintf(e.out, "# %s\n", strings.TrimRight(line, "\r\n"))
	}
	if s.Maybe {
		fmt.Fprintln(e.out, "# only a run knows whether this is done")
	}
	e.ops(s.Ops)
	if sp, ok := s.Statement.Node.(verb.Explainer); ok {
		for _, c := range sp.Explain(s.Lab) {
			fmt.Fprintf(e.out, "#   %s\n", c)
		}
	}
}

func (e *explainer) ops(steps []plan.Step) {
	for _, step := range steps {
		e.op(step.Op)
	}
}

func (e *explainer) op(op plan.Op) {
	for _, c := range op.Commands() {
		if _, ok := op.(plan.Baseline); ok {
			c = c[:len(c)-len(plan.BaselineSettings())]
			fmt.Fprintf(e.out, "%s $baseline\n", c)
			continue
		}
		fmt.Fprintln(e.out, c)
	}
}
