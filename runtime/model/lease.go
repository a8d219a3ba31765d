package model

import (
	"fmt"

	"nsl/runtime/plan"
)

// lease gives the node what a server is expected to lend. Where none is known,
// nothing is known of the node's addresses from here on.
func (m *Model) lease(o plan.Lease) error {
	if _, err := m.Link(o.Node, o.Link); err != nil {
		return err
	}
	if !o.Want.Addr.IsValid() {
		m.uncertain = true
	}
	return m.applyAll(o.Ops(o.Want))
}

// release undoes it.
func (m *Model) release(o plan.Release) error {
	if _, err := m.Link(o.Node, o.Link); err != nil {
		return err
	}
	return m.applyAll(plan.InverseOf(plan.Lease(o).Ops(o.Want)))
}

// applyAll does ops one after the other, all or none.
func (m *Model) applyAll(ops []plan.Op) error {
	for i, op := range ops {
		err := m.Apply(op)
		if err == nil {
			continue
		}
		for _, back := range plan.InverseOf(ops[:i]) {
			if undone := m.Apply(back); undone != nil {
				return fmt.Errorf("%w; and then: %w", err, undone)
			}
		}
		return err
	}
	return nil
}
