package verb

import (
	"cmp"
	"errors"
	"slices"

	"nsl/runtime/plan"
)

// Uppers are the interfaces that stand on one, in whatever node: the macvlans
// that share it, the vxlans that send over it.
func (m *LabState) Uppers(r plan.Ref) ([]plan.Link, error) {
	if m.unread || m.HasBackground() {
		m.stale = true
		if _, err := m.Book(); err != nil {
			return nil, err
		}
	}
	var list []plan.Link
	for upper, under := range m.layers {
		if under != r {
			continue
		}
		l, err := m.Link(upper.Node, upper.Link)
		switch {
		case errors.Is(err, plan.ErrNoLink), errors.Is(err, plan.ErrNoNode):
			delete(m.layers, upper)
		case err != nil:
			return nil, err
		case l.Lower == r:
			list = append(list, l)
		}
	}
	slices.SortFunc(list, func(a, b plan.Link) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Index, b.Index))
	})
	return list, nil
}

// noteLayer follows an op that makes, moves or renames an interface.
func (m *LabState) noteLayer(op plan.Op) {
	switch o := op.(type) {
	case plan.AddLink:
		r := plan.Ref{Node: o.Node, Link: o.Name}
		m.know(r)
		if o.Lower.Link != "" {
			m.layers[r] = o.Lower
		}
	case plan.MoveLink:
		m.becomes(plan.Ref{Node: o.Node, Link: o.Name}, plan.Ref{Node: o.To, Link: o.Name})
	case plan.RenameLink:
		from, to := plan.Ref{Node: o.Node, Link: o.Name}, plan.Ref{Node: o.Node, Link: o.To}
		m.becomes(from, to)
		for u := range m.autos {
			if u.Ref == from {
				delete(m.autos, u)
				u.Ref = to
				m.autos[u] = true
			}
		}
	}
}

// becomes follows an interface to its new place or name.
func (m *LabState) becomes(from, to plan.Ref) {
	m.know(to)
	m.stale = true
	next := make(map[plan.Ref]plan.Ref, len(m.layers))
	for upper, under := range m.layers {
		if under == from {
			under = to
		}
		if upper == from {
			upper = to
		}
		next[upper] = under
	}
	m.layers = next
}
