package model

import (
	"maps"
	"net/netip"
	"slices"

	"nsl/runtime/plan"
)

// Clone is a copy that goes its own way.
func (m *Model) Clone() *Model {
	c := copier{nodes: map[*node]*node{}, links: map[*link]*link{}, entries: map[*entry]*entry{}}
	next := *m
	next.nodes = make(map[string]*node, len(m.nodes))
	next.sorted = slices.Clone(m.sorted)
	next.trash = make([]*node, len(m.trash))
	for name, n := range m.nodes {
		next.nodes[name] = c.node(n)
	}
	for i, n := range m.trash {
		next.trash[i] = c.node(n)
	}
	for _, l := range c.links {
		if l.home != nil {
			l.home = c.nodes[l.home]
		}
	}
	return &next
}

// copier knows the copies of what several things refer to.
type copier struct {
	nodes   map[*node]*node
	links   map[*link]*link
	entries map[*entry]*entry
}

func (c *copier) node(n *node) *node {
	next := *n
	c.nodes[n] = &next
	next.links = make(map[string]*link, len(n.links))
	next.byIndex = make([]*link, len(n.byIndex))
	next.tables = make(map[int]*fib, len(n.tables))
	next.rules = [2][]plan.Rule{slices.Clone(n.rules[v4]), slices.Clone(n.rules[v6])}
	for i, l := range n.byIndex {
		l := c.link(l)
		l.node = &next
		next.links[l.name], next.byIndex[i] = l, l
	}
	for id, t := range n.tables {
		next.tables[id] = c.fib(t)
	}
	next.nft = n.nft.clone()
	next.services, next.names = slices.Clone(n.services), slices.Clone(n.names)
	return &next
}

// link copies an interface; its node fills itself in.
func (c *copier) link(l *link) *link {
	if l == nil || c.links[l] != nil {
		return c.links[l]
	}
	next := *l
	c.links[l] = &next
	next.peer, next.master, next.lower = c.link(l.peer), c.link(l.master), c.link(l.lower)
	next.uppers = c.set(l.uppers)
	next.v4, next.v6 = slices.Clone(l.v4), slices.Clone(l.v6)
	if l.br != nil {
		br := *l.br
		br.mtus, br.links = maps.Clone(l.br.mtus), c.set(l.br.links)
		next.br = &br
	}
	next.made = make(map[madeRoute]*entry, len(l.made))
	for key, e := range l.made {
		next.made[key] = c.entry(e)
	}
	next.uses = make(map[*entry]struct{}, len(l.uses))
	for e := range l.uses {
		next.uses[c.entry(e)] = struct{}{}
	}
	return &next
}

func (c *copier) set(links map[*link]struct{}) map[*link]struct{} {
	next := make(map[*link]struct{}, len(links))
	for l := range links {
		next[c.link(l)] = struct{}{}
	}
	return next
}

func (c *copier) entry(e *entry) *entry {
	if c.entries[e] != nil {
		return c.entries[e]
	}
	next := *e
	c.entries[e] = &next
	next.hops = slices.Clone(e.hops)
	for i := range next.hops {
		next.hops[i].out = c.link(next.hops[i].out)
	}
	return &next
}

func (c *copier) fib(t *fib) *fib {
	next := &fib{routes: make(map[netip.Prefix][]*entry, len(t.routes))}
	for i := range t.bits {
		next.bits[i] = slices.Clone(t.bits[i])
	}
	for p, list := range t.routes {
		copied := make([]*entry, len(list))
		for i, e := range list {
			copied[i] = c.entry(e)
		}
		next.routes[p] = copied
	}
	return next
}

func (t *nftTable) clone() *nftTable {
	if t == nil {
		return nil
	}
	next := &nftTable{chains: slices.Clone(t.chains), rules: make(map[string][]plan.NftRule, len(t.rules))}
	for chain, rules := range t.rules {
		next.rules[chain] = slices.Clone(rules)
	}
	return next
}
