package model

import (
	"fmt"

	"nsl/runtime/plan"
)

// setBaseline writes plan.BaselineSettings. A new namespace shares the result
// with all others.
func (m *Model) setBaseline(name string) error {
	n, err := m.node(name)
	if err != nil {
		return err
	}
	if !n.pristine() {
		return m.writeBaseline(n)
	}
	if m.baseline == nil {
		fresh := newNode(name)
		if err := m.writeBaseline(fresh); err != nil {
			return err
		}
		m.baseline = &fresh.sys
	}
	n.sys = *m.baseline
	return nil
}

// pristine tells a namespace in which nothing was written yet; the settings of
// a loopback do not follow the baseline.
func (n *node) pristine() bool {
	s := n.sys
	return len(n.byIndex) == 1 && s.single == nil &&
		s.all[v4] == nil && s.all[v6] == nil && s.def[v4] == nil && s.def[v6] == nil
}

func (m *Model) writeBaseline(n *node) error {
	for _, s := range plan.BaselineSettings() {
		k, err := parseKey(s.Key)
		if err != nil {
			return err
		}
		value, err := m.normal(k, s.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Key, err)
		}
		m.write(n, k, value)
	}
	return nil
}
