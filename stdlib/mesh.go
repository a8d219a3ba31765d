package stdlib

import (
	"net/netip"
	"slices"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// snapshot answers each question about nodes and their interfaces once: a mesh
// asks the same of a node for each of its pairs. It is for one try of one probe.
type snapshot struct {
	verb.Lab
	nodes map[string]answered[bool]
	links map[string]answered[[]plan.Link]
}

type answered[T any] struct {
	value T
	err   error
}

func snapshotOf(lab verb.Lab) *snapshot {
	return &snapshot{Lab: lab, nodes: map[string]answered[bool]{}, links: map[string]answered[[]plan.Link]{}}
}

// HasNode asks the lab once.
func (s *snapshot) HasNode(name string) (bool, error) {
	a, ok := s.nodes[name]
	if !ok {
		a.value, a.err = s.Lab.HasNode(name)
		s.nodes[name] = a
	}
	return a.value, a.err
}

// Links asks the lab once.
func (s *snapshot) Links(node string) ([]plan.Link, error) {
	a, ok := s.links[node]
	if !ok {
		a.value, a.err = s.Lab.Links(node)
		s.links[node] = a
	}
	return a.value, a.err
}

// families are the addresses under which from asks for a target when all nodes
// are asked: one of each family that both have. It is empty where addressFor
// has to decide.
func (t target) families(lab verb.Lab, from string) []netip.Addr {
	if t.addr.IsValid() || t.node == from {
		return nil
	}
	theirs, _ := globalAddrs(lab, t.node, t.link)
	ours, _ := globalAddrs(lab, from, "")
	var list []netip.Addr
	for _, six := range []bool{false, true} {
		a, b := ofFamily(ours, six), ofFamily(theirs, six)
		if len(a) > 0 && len(b) > 0 {
			list = append(list, closest(a, b))
		}
	}
	return list
}

// closest is the address of theirs that is on a subnet of ours, else their first.
func closest(ours, theirs []netip.Prefix) netip.Addr {
	for _, a := range theirs {
		if slices.ContainsFunc(ours, func(p netip.Prefix) bool { return p.Contains(a.Addr()) && a.Contains(p.Addr()) }) {
			return a.Addr()
		}
	}
	return theirs[0].Addr()
}
