package verb

import (
	"cmp"
	"errors"
	"slices"

	"nsl/runtime/plan"
)

// Uppers are the upper devices of an interface, in whatever node: the macvlans
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
	for u := range m.autos {
		if u.Ref == from {
			delete(m.autos, u)
			u.Ref = to
			m.autos[u] = true
		}
	}
}
