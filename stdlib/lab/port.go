package lab

import (
	"net/netip"

	"nsl/lang/source"
	"nsl/runtime/plan"
)

// Port is an interface that a statement makes, and the addresses it gets.
type Port struct {
	plan.Ref
	// At is the word that asks for it.
	At source.Span
	// Addrs are the explicit addresses, Auto those that nsl chose.
	Addrs, Auto []netip.Prefix
}

// Has reports whether the port has an explicit address of a family.
func (e *Port) Has(v6 bool) bool {
	for _, a := range e.Addrs {
		if a.Addr().Is6() == v6 {
			return true
		}
	}
	return false
}

// Ops are the address ops of a port, the explicit addresses first.
func (e *Port) Ops() []plan.Op {
	var ops []plan.Op
	for _, a := range e.Addrs {
		ops = append(ops, plan.AddAddr{Node: e.Node, Link: e.Link, Addr: a})
	}
	for _, a := range e.Auto {
		ops = append(ops, plan.AddAddr{Node: e.Node, Link: e.Link, Addr: a, Auto: true})
	}
	return ops
}

// Up sets the port up. Undoing that removes its IPv6
// addresses; the ops that gave them have to find them again.
func (e *Port) Up() plan.SetUp {
	op := plan.SetUp{Node: e.Node, Name: e.Link}
	for _, o := range e.Ops() {
		if a, ok := o.(plan.AddAddr); ok && a.Addr.Addr().Is6() {
			op.Was = append(op.Was, a)
		}
	}
	return op
}
