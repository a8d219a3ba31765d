package report

import (
	"math"
	"strings"

	"nsl/runtime/plan"
)

// Change is what a statement changed in a lab.
type Change struct {
	// Text says it to people, on one line, and Commands are the shell commands that
	// do the same.
	Text     string   `json:"text,omitempty"`
	Commands []string `json:"commands,omitempty"`
	// Nodes, Links and Addresses are new; Gone are those that are there no longer.
	Nodes     []string `json:"nodes,omitempty"`
	Links     []Object `json:"links,omitempty"`
	Addresses []Object `json:"addresses,omitempty"`
	Gone      []Object `json:"gone,omitempty"`
	// Moved are interfaces with a new node or name.
	Moved []Move `json:"moved,omitempty"`
}

// Object is a node, an interface of it, or an address of that.
type Object struct {
	Node    string `json:"node"`
	Link    string `json:"link,omitempty"`
	Kind    string `json:"kind,omitempty"`
	Address string `json:"address,omitempty"`
}

// Move is an interface before and after a statement.
type Move struct {
	From Object `json:"from"`
	To   Object `json:"to"`
}

// NewChange is what steps changed.
func NewChange(steps []plan.Step) *Change {
	c := &Change{Text: strings.Join(Made(steps, math.MaxInt), "; ")}
	for _, s := range steps {
		for _, command := range s.Op.Commands() {
			c.Commands = append(c.Commands, command.String())
		}
		c.add(s.Op.Effect())
	}
	return c
}

func (c *Change) add(e plan.Effect) {
	c.Nodes = append(c.Nodes, e.Nodes...)
	for _, l := range e.Links {
		c.Links = append(c.Links, Object{Node: l.Node, Link: l.Name, Kind: l.Kind})
	}
	for _, u := range e.Added {
		c.Addresses = append(c.Addresses, addressOf(u))
	}
	for _, r := range e.Gone {
		c.Gone = append(c.Gone, objectOf(r))
	}
	for _, u := range e.Deleted {
		c.Gone = append(c.Gone, addressOf(u))
	}
	if e.To != (plan.Ref{}) {
		c.Moved = append(c.Moved, Move{objectOf(e.From), objectOf(e.To)})
	}
}

func objectOf(r plan.Ref) Object { return Object{Node: r.Node, Link: r.Link} }

func addressOf(u plan.AddrUse) Object {
	return Object{Node: u.Node, Link: u.Link, Address: u.Addr.String()}
}
