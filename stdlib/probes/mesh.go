package probes

import (
	"net/netip"

	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// snapshot answers each question about nodes and their interfaces once: a mesh
// asks the same of a node for each of its pairs. It is for one try of one probe.
type snapshot struct {
	verb.Lab
	snap  *path.Snapshot
	nodes map[string]answered[bool]
}

type answered[T any] struct {
	value T
	err   error
}

func snapshotOf(view verb.Lab) *snapshot {
	return &snapshot{Lab: view, snap: path.Of(view), nodes: map[string]answered[bool]{}}
}

// settled is the lab after an answer, of which each question is asked once.
func settled(env *verb.Env) *verb.Env {
	once := *env
	once.Lab = snapshotOf(env)
	return &once
}

// Snapshot is the lab as packets meet it.
func (s *snapshot) Snapshot() *path.Snapshot { return s.snap }

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
func (s *snapshot) Links(node string) ([]plan.Link, error) { return s.snap.Links(node) }

// crowdIn is the number of addresses in the largest subnet of the lab: about how many
// interfaces a broadcast gets to. Where few ask it does not matter, and is 0.
func crowdIn(view verb.Lab, asked int) (most int) {
	const few = 8
	book, err := view.Book()
	if asked <= few || err != nil {
		return 0
	}
	members := map[netip.Prefix]int{}
	for _, u := range book.All() {
		net := u.Addr.Masked()
		members[net]++
		most = max(most, members[net])
	}
	return most
}
