package plan

import "strings"

// Item is one thing that a node's kernel holds, as the kernel itself describes it: an
// interface with its options, an address, a route, a table of the packet filter, ….
type Item struct {
	// Kind is one of [ItemKinds], and Key says which of that kind it is.
	Kind, Key string
	// ID of an interface stays what it is when the interface is moved or renamed; "" for
	// all else.
	ID string
	// Peer is the other end of a veth cable, where that was asked for.
	Peer Ref
	// Sum differs where two descriptions are of different things; what counts packets or
	// time is not in it. Data is the whole, for who writes it back.
	Sum, Data string
	// Text is the item for people: "route 10.9.0.0/16 via 10.0.0.2".
	Text string
}

// The kinds of items.
const (
	LinkItem       = "interface"
	NextHopItem    = "next hop"
	AddressItem    = "address"
	RouteItem      = "route"
	RuleItem       = "rule"
	NeighbourItem  = "neighbour"
	ForwardingItem = "fdb"
	QdiscItem      = "qdisc"
	ClassItem      = "class"
	TrafficItem    = "filter"
	TableItem      = "table"
	SettingItem    = "setting"
)

// ItemKinds are the kinds, each after those that it depends on.
func ItemKinds() []string {
	return []string{LinkItem, SettingItem, NextHopItem, AddressItem, RouteItem, RuleItem, NeighbourItem, ForwardingItem, QdiscItem, ClassItem,
		TrafficItem, TableItem}
}

// Content is what nodes hold, by their names.
type Content map[string][]Item

// SetItem makes one thing of a node what it is to be: it is what a program did, and its
// inverse is what undoes that. An Item without a Kind is none.
type SetItem struct {
	Node    string
	Was, Is Item
	// Other is the other end of a veth cable that is gone or made: neither end is alone.
	Other Item
	// Argv is the command of a program that does it, its words parted by NUL; "" for none.
	Argv string
}

func (SetItem) op() {}

// Effect is the new state of the thing, or its loss.
func (o SetItem) Effect() Effect {
	if o.Is.Text+o.Was.Text == "" {
		return Effect{Object: o.Node + ": " + o.Is.Kind + o.Was.Kind, Anything: true}
	}
	if o.Is.Kind == "" {
		e := lost(o.Node + ": " + o.Was.Text)
		e.Anything = true
		return e
	}
	e := given(o.Node + ": " + o.Is.Text)
	if o.Argv != "" {
		e.Text = o.Node + ": " + strings.ReplaceAll(o.Argv, "\x00", " ")
	}
	e.Anything = true
	return e
}

// Inverse sets it back.
func (o SetItem) Inverse() []Op {
	return []Op{SetItem{Node: o.Node, Was: o.Is, Is: o.Was, Other: o.Other}}
}

// Commands are none where a program did it: those are its own.
func (o SetItem) Commands() []Command {
	if o.Argv == "" {
		return nil
	}
	return []Command{Inside(o.Node, strings.Split(o.Argv, "\x00")...)}
}
