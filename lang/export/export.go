// Package export writes the lab that a script makes for other tools: as a topology of nodes
// and cables, and the commands that are run in each node.
package export

import (
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"nsl/lang/diag"
	"nsl/runtime/plan"
)

// Formats are the names of those that there are.
func Formats() []string { return []string{"containerlab", "dot", "kathara", "mininet"} }

// Lab is what a script makes in an empty lab.
type Lab struct {
	// File is the script's.
	File string
	Ops  []plan.Op
	// Notes say what no op makes.
	Notes []string
}

// Write writes a lab. Files of a format that has several are written below dir; out gets that of
// one. What has no form there is a comment.
func (l Lab) Write(out io.Writer, dir, format string) error {
	t := topologyOf(l.File, l.Ops)
	t.notes = append(t.notes, l.Notes...)
	var text string
	switch format {
	case "containerlab":
		text = t.containerlab()
	case "dot":
		text = t.dot()
	case "kathara":
		return t.kathara(dir)
	default:
		text = t.mininet()
	}
	_, err := io.WriteString(out, text)
	return err
}

// topology is a lab as these tools see it.
type topology struct {
	// file is the script's, name that of the lab.
	file, name string
	nodes      []*node
	cables     []cable
	// notes are what is left out.
	notes []string
}

// node is one, with the commands that are run in it and the addresses that it has.
type node struct {
	name     string
	commands []plan.Command
	addrs    map[string][]string
}

type cable struct{ a, b plan.LinkEnd }

// unfit are letters that a lab's name cannot have everywhere.
var unfit = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^a-zA-Z0-9_-]+`) })

func topologyOf(file string, ops []plan.Op) *topology {
	base := filepath.Base(file)
	t := &topology{file: file, name: unfit().ReplaceAllString(strings.TrimSuffix(base, filepath.Ext(base)), "-")}
	for _, op := range ops {
		t.add(op)
	}
	if host := t.node(plan.Host); len(host.commands) == 0 && len(t.ends(plan.Host)) == 0 {
		t.nodes = slices.DeleteFunc(t.nodes, func(n *node) bool { return n == host })
	}
	slices.SortFunc(t.nodes, func(a, b *node) int { return plan.CompareNames(a.name, b.name) })
	return t
}

// node finds a node, or makes it.
func (t *topology) node(name string) *node {
	for _, n := range t.nodes {
		if n.name == name {
			return n
		}
	}
	n := &node{name: name, addrs: map[string][]string{}}
	t.nodes = append(t.nodes, n)
	return n
}

func (t *topology) add(op plan.Op) {
	switch o := op.(type) {
	case plan.AddNS:
		t.node(o.Name)
		return
	case plan.AddVeth:
		if o.A.Node != o.B.Node {
			t.cable(o)
			return
		}
	case plan.AddAddr:
		n := t.node(o.Node)
		n.addrs[o.Link] = append(n.addrs[o.Link], o.Addr.String())
	default: // of the others only the commands matter
	}
	for _, c := range op.Commands() {
		t.command(op, c)
	}
}

// cable adds one, and what its ends have besides.
func (t *topology) cable(o plan.AddVeth) {
	t.cables = append(t.cables, cable{o.A, o.B})
	for _, end := range []plan.LinkEnd{o.A, o.B} {
		n := t.node(end.Node)
		set := plan.Command{"ip", "link", "set", "dev", end.Name}
		if end.MTU != 0 {
			n.commands = append(n.commands, append(slices.Clone(set), "mtu", fmt.Sprint(end.MTU)))
		}
		if end.MAC != "" {
			n.commands = append(n.commands, append(slices.Clone(set), "address", end.MAC))
		}
		if end.Master != "" {
			n.commands = append(n.commands, append(slices.Clone(set), "master", end.Master))
		}
		if end.Up {
			n.commands = append(n.commands, append(slices.Clone(set), "up"))
		}
	}
}

// command adds one to the node that it is for, as it is there.
func (t *topology) command(op plan.Op, c plan.Command) {
	name, inside := within(c)
	switch {
	case c.IsNote():
		t.notes = append(t.notes, strings.TrimPrefix(c[0], "# "))
	case slices.Contains(inside[min(3, len(inside)):], "netns"):
		t.notes = append(t.notes, op.Effect().Object+": "+c.String())
	default:
		n := t.node(name)
		n.commands = append(n.commands, inside)
	}
}

// within is the node in which a command does something, and the command there.
func within(c plan.Command) (node string, inside plan.Command) {
	switch {
	case len(c) > 4 && slices.Equal(c[:3], plan.Command{"ip", "netns", "exec"}):
		return c[3], c[4:]
	case len(c) > 3 && (c[1] == "-n" || c[1] == "-netns"):
		return c[2], append(plan.Command{c[0]}, c[3:]...)
	case len(c) > 4 && c[2] == "-n":
		return c[3], append(plan.Command{c[0], c[1]}, c[4:]...)
	}
	return plan.Host, c
}

// comment is the text after a sign, line by line.
func (t *topology) comment(sign string) string {
	text := sign + " What " + t.file + " builds. Written by nsl export.\n"
	for _, n := range t.notes {
		text += sign + " left out: " + diag.PlainLine(n) + "\n"
	}
	return text
}
