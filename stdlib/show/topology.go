package show

import (
	"slices"
	"strings"

	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// branch is a line of the drawing, and what hangs below it.
type branch struct {
	cells []string
	below []branch
}

// drawTopology draws the nodes as trees: a node holds interfaces, a bridge its
// ports, and after an interface comes what its cable leads to.
func drawTopology(view plan.View, nodes []string) (string, error) {
	var rows [][]string
	for _, node := range nodes {
		b, err := nodeBranch(view, node)
		if err != nil {
			return "", err
		}
		if node == plan.Host && len(b.below) == 0 && len(nodes) > 1 {
			continue // most labs leave the host alone
		}
		rows = append(rows, b.cells)
		rows = append(rows, lines(b.below, "")...)
	}
	if len(rows) == 0 {
		return "(the lab is empty)\n", nil
	}
	return columns(rows), nil
}

// lines are the rows of branches, with the tree drawn in front of the first cell.
func lines(list []branch, margin string) [][]string {
	var rows [][]string
	for i, b := range list {
		twig, below := "├─ ", "│  "
		if i == len(list)-1 {
			twig, below = "└─ ", "   "
		}
		row := slices.Clone(b.cells)
		row[0] = margin + twig + row[0]
		rows = append(append(rows, row), lines(b.below, margin+below)...)
	}
	return rows
}

func nodeBranch(view plan.View, node string) (branch, error) {
	links, err := shownLinks(view, node)
	if err != nil {
		return branch{}, err
	}
	b := branch{cells: []string{node}}
	switch {
	case len(links) == 0:
		b.cells = []string{node + "  (no interface besides lo)"}
	case routes(view, node):
		b.cells = []string{node + "  (router)"}
	}
	for _, l := range links {
		if l.Upper() == "" || !slices.ContainsFunc(links, func(m plan.Link) bool { return m.Name == l.Upper() }) {
			b.below = append(b.below, linkBranch(view, l, links))
		}
	}
	return b, nil
}

// routes reports whether a node passes on what is not meant for it.
func routes(view plan.View, node string) bool {
	return lab.IsRouter(view, node, false) || lab.IsRouter(view, node, true)
}

func linkBranch(view plan.View, l plan.Link, links []plan.Link) branch {
	b := branch{cells: []string{l.Name, describeLink(l), strings.Join(addrsBeyondDefault(l), " "), leadsTo(view, l)}}
	for _, p := range links {
		if p.Upper() == l.Name {
			b.below = append(b.below, linkBranch(view, p, links))
		}
	}
	return b
}

func describeLink(l plan.Link) string {
	text := state(l)
	if l.Kind != "" && l.Kind != "veth" {
		text = l.Kind + ", " + text
	}
	if l.Bond != "" && l.Backup {
		text += ", backup"
	}
	return text
}

// leadsTo is the other end of a cable and, where that is a port, its bridge; of
// another kind its lower device, or where its tunnel goes.
func leadsTo(view plan.View, l plan.Link) string {
	peer, err := view.Peer(l.Node, l.Name)
	if err != nil {
		return l.Details(l.Node)
	}
	text := "<-> " + peer.Node + ":" + peer.Link
	if other, err := view.Link(peer.Node, peer.Link); err == nil && other.Master != "" {
		text += " (" + other.Master + ")"
	}
	return text
}
