package model_test

import (
	"maps"
	"testing"

	"pgregory.net/rapid"

	"nsl/runtime/model"
	"nsl/runtime/plan"
)

// TestEffect does random ops. What each changes about names, places, lower devices
// and addresses is what its effect says, and the effect does not happen otherwise.
func TestEffect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := model.New()
		for _, s := range allKinds().drawSteps(t) {
			before := take(t, m)
			if m.Apply(s.op) == nil {
				before.follow(t, s.op, take(t, m))
			}
			if s.commit && m.Commit() != nil {
				t.Fatal("commit")
			}
		}
	})
}

// picture is what a follower knows of a lab.
type picture struct {
	links map[plan.Ref]plan.Ref // to their lower devices; nodes have Link ""
	addrs map[plan.AddrUse]bool
}

func take(t *rapid.T, m *model.Model) picture {
	p := picture{map[plan.Ref]plan.Ref{}, map[plan.AddrUse]bool{}}
	nodes, err := m.Nodes()
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range append(nodes, plan.Host) {
		p.links[plan.Ref{Node: node}] = plan.Ref{}
		list, err := m.Links(node)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list {
			p.links[l.Ref()] = l.Lower
			for _, a := range l.Addrs {
				if plan.InBook(a.Addr()) {
					p.addrs[plan.AddrUse{Ref: l.Ref(), Addr: a}] = true
				}
			}
		}
	}
	return p
}

// follow holds the change to the op's effect.
func (p picture) follow(t *rapid.T, op plan.Op, after picture) {
	e := op.Effect()
	if e.Anything {
		return
	}
	p.followLinks(e)
	if len(e.Gone) > 0 || e.To.Node != e.From.Node {
		maps.DeleteFunc(p.links, func(r, _ plan.Ref) bool { _, there := after.links[r]; return !there })
	}
	for r := range after.links {
		if _, known := p.links[r]; !known {
			t.Errorf("%T %s: %s is there, and its effect does not say so", op, text(op), r)
		}
	}
	for r, lower := range p.links {
		is, there := after.links[r]
		// A macvlan on a macvlan is on what that is on; the statements say so.
		if !there || is != lower && is != p.links[lower] && is.Link != "" {
			t.Errorf("%T %s: %s is not there, or on %s, against its effect", op, text(op), r, is)
		}
	}
	p.followAddrs(e)
	_, mayShrink := op.(plan.SetMaster) // the bridge to an MTU without IPv6: it does not know the port's
	if !mayShrink && !e.Unsaid && len(e.Gone) == 0 && e.To.Link == "" && !maps.Equal(p.addrs, after.addrs) {
		t.Errorf("%T %s: the addresses are %v, by its effect %v", op, text(op), after.addrs, p.addrs)
	}
}

func (p picture) followLinks(e plan.Effect) {
	for _, name := range e.Nodes {
		p.links[plan.Ref{Node: name}] = plan.Ref{}
		p.links[plan.Ref{Node: name, Link: plan.Loopback}] = plan.Ref{}
	}
	for _, l := range e.Links {
		p.links[l.Ref()] = l.Lower
	}
	if e.To.Link != "" {
		lower := p.links[e.From]
		delete(p.links, e.From)
		p.links[e.To] = lower
		for r, lower := range p.links {
			if lower == e.From {
				p.links[r] = e.To
			}
		}
	}
}

func (p picture) followAddrs(e plan.Effect) {
	for _, u := range e.Added {
		if plan.InBook(u.Addr.Addr()) {
			p.addrs[plan.AddrUse{Ref: u.Ref, Addr: u.Addr}] = true
		}
	}
	for _, u := range e.Deleted {
		delete(p.addrs, plan.AddrUse{Ref: u.Ref, Addr: u.Addr})
	}
}
