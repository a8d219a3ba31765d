package complete

import (
	"net/netip"
	"slices"
	"strings"

	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// leaf adds the words that fit a leaf of the grammar.
func (c *completer) leaf(v *verb.Verb, name string, before []syntax.Token, ends bool) {
	leaf := v.Leaf(name)
	if leaf == nil {
		return
	}
	c.verb = v
	for _, kind := range leaf.Completes() {
		c.candidates(kind, before, ends)
	}
}

// candidates adds what a word may be that is wanted after some words of a
// statement; ends says that the statement may end there.
func (c *completer) candidates(kind syntax.Completion, before []syntax.Token, ends bool) {
	switch kind := kind.(type) {
	case syntax.Words:
		c.add(kind...)
	case syntax.LastWords:
		if ends {
			c.add(kind...)
		}
	case syntax.Names:
		c.names(kind, before)
	}
}

func (c *completer) names(kind syntax.Names, before []syntax.Token) {
	switch kind {
	case syntax.Nodes:
		c.nodes()
	case syntax.Endpoints:
		c.endpoints()
	case syntax.Interfaces:
		c.add(c.linkNames(c.node(before))...)
	case syntax.Addresses:
		c.addresses(c.anywhere())
	case syntax.Gateways:
		c.addresses(c.gateways(c.node(before)))
	case syntax.Subnets:
		c.subnets("")
	case syntax.Destinations:
		c.subnets(c.node(before))
	case syntax.URLs:
		c.urls()
	case syntax.Settings:
		c.settings(c.node(before))
	case syntax.OwnAddresses:
		c.ownAddresses(before)
	case syntax.Bridges:
		c.bridges(c.node(before))
	case syntax.Services:
		c.services(before)
	case syntax.Alternatives:
		c.alternatives(before)
	case syntax.Files:
		c.files(c.word)
	case syntax.Topics:
		c.topics(before[1:])
	case syntax.Statements:
		c.inner(before[1:])
	case syntax.Nothing:
	}
}

// alternatives are the words that the usage of a verb offers at some place:
// topology|links|addrs. After options the places no longer decide.
func (c *completer) alternatives(before []syntax.Token) {
	at := len(before)
	for _, u := range c.verb.Usage {
		words := strings.Fields(u)
		if at >= len(words) || optional(words[at-1]) {
			continue
		}
		form := strings.Trim(words[at], "[]")
		if form == "NODE" {
			c.nodes()
		}
		if strings.ToLower(form) == form && !strings.ContainsAny(form, "<>…:") {
			c.add(strings.Split(form, "|")...)
		}
	}
}

func (c *completer) nodes() {
	if c.View == nil {
		return
	}
	list, _ := c.View.Nodes() // a lab that does not answer has no candidates
	c.add(list...)
	c.add(plan.Host)
}

// urls are the first pages of the nodes.
func (c *completer) urls() {
	if c.View == nil {
		return
	}
	list, _ := c.View.Nodes()
	for _, n := range append(list, plan.Host) {
		c.add("http://" + n + "/")
	}
}

// endpoints are nodes and, after a colon, the interfaces of the node; and the
// interfaces of the host, which need no colon.
func (c *completer) endpoints() {
	if node, _, found := strings.Cut(c.word, ":"); found {
		for _, l := range c.linkNames(node) {
			c.add(node + ":" + l)
		}
		return
	}
	c.nodes()
	for _, l := range c.linkNames(plan.Host) {
		if l != plan.Loopback {
			c.add(l)
		}
	}
}

func (c *completer) links(node string) []plan.Link {
	if c.View == nil || node == "" {
		return nil
	}
	list, _ := c.View.Links(node)
	return list
}

func (c *completer) linkNames(node string) []string {
	var names []string
	for _, l := range c.links(node) {
		names = append(names, l.Name)
	}
	return names
}

// node is the node that a statement is about: the first that is named in it.
func (c *completer) node(before []syntax.Token) string {
	if c.View == nil {
		return ""
	}
	for _, t := range before[min(1, len(before)):] {
		name, _, _ := strings.Cut(t.Text, ":")
		if has, err := c.View.HasNode(name); err == nil && has && t.Kind == syntax.Word {
			return name
		}
	}
	return plan.Host
}

func (c *completer) addresses(list []netip.Addr) {
	for _, a := range list {
		c.add(a.String())
	}
}

// gateways are the addresses of others in the subnets of a node, by the cables
// that lead there: across a bridge, all that is on it.
func (c *completer) gateways(node string) []netip.Addr {
	seen := map[plan.Ref]bool{}
	var list []netip.Addr
	for _, l := range c.links(node) {
		for _, other := range c.segment(plan.Ref{Node: node, Link: l.Name}, l, seen) {
			for _, a := range other.Addrs {
				if slices.ContainsFunc(l.Addrs, func(own netip.Prefix) bool { return own.Contains(a.Addr()) && !linkLocal(own) }) {
					list = append(list, a.Addr())
				}
			}
		}
	}
	return list
}

func linkLocal(p netip.Prefix) bool { return !plan.InBook(p.Addr()) }

// segment are the interfaces that a frame reaches from one: its peer and, when
// that is a port of a bridge, the bridge and what is beyond its other ports.
func (c *completer) segment(from plan.Ref, l plan.Link, seen map[plan.Ref]bool) []plan.Link {
	if seen[from] || len(seen) > mostSegment {
		return nil
	}
	seen[from] = true
	var list []plan.Link
	if peer, err := c.View.Peer(from.Node, from.Link); err == nil && !seen[peer] {
		if other, err := c.View.Link(peer.Node, peer.Link); err == nil {
			list = append(list, other)
			list = append(list, c.bridge(peer, other, seen)...)
		}
	}
	if l.Kind == "bridge" {
		list = append(list, c.ports(from, seen)...)
	}
	return list
}

// mostSegment is how many interfaces are looked at: each is a question to the
// kernel, and Tab must not wait for hundreds.
const mostSegment = 40

func (c *completer) bridge(port plan.Ref, l plan.Link, seen map[plan.Ref]bool) []plan.Link {
	seen[port] = true
	r := plan.Ref{Node: port.Node, Link: l.Master}
	if l.Master == "" || seen[r] {
		return nil
	}
	seen[r] = true
	br, err := c.View.Link(r.Node, r.Link)
	if err != nil {
		return nil
	}
	return append([]plan.Link{br}, c.ports(r, seen)...)
}

// ports is what is at the far ends of a bridge's ports.
func (c *completer) ports(br plan.Ref, seen map[plan.Ref]bool) []plan.Link {
	var list []plan.Link
	for _, l := range c.links(br.Node) {
		if l.Master == br.Link {
			list = append(list, c.segment(plan.Ref{Node: br.Node, Link: l.Name}, l, seen)...)
		}
	}
	return list
}

// anywhere are the addresses of the lab, of its first nodes.
func (c *completer) anywhere() []netip.Addr {
	var list []netip.Addr
	for _, p := range c.prefixes() {
		list = append(list, p.Addr())
	}
	return list
}

// subnets are those of the lab that a node has no interface in.
func (c *completer) subnets(without string) {
	own := map[netip.Prefix]bool{}
	for _, l := range c.links(without) {
		for _, a := range l.Addrs {
			own[a.Masked()] = true
		}
	}
	for _, p := range c.prefixes() {
		if p = p.Masked(); !own[p] {
			c.add(p.String())
		}
	}
}

// mostNodes is how many nodes are asked for their addresses: each is a question
// to the kernel, and Tab must not wait for hundreds.
const mostNodes = 100

func (c *completer) prefixes() []netip.Prefix {
	if c.View == nil {
		return nil
	}
	nodes, _ := c.View.Nodes()
	var list []netip.Prefix
	for _, n := range append([]string{plan.Host}, nodes[:min(len(nodes), mostNodes)]...) {
		for _, l := range c.links(n) {
			for _, a := range l.Addrs {
				if !linkLocal(a) {
					list = append(list, a)
				}
			}
		}
	}
	return list
}
