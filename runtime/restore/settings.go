package restore

import (
	"cmp"
	"errors"
	"slices"

	"nsl/runtime/plan"
)

// restoreSettings writes the settings that differ. Some are copied to others when
// they are written ("all" to each interface), so they are compared again after that.
func (n node) restoreSettings(v plan.View, apply func(plan.Op) error) error {
	if len(n.settings) == 0 {
		return nil // none was read, and reading them takes longest of all
	}
	const rounds = 3
	var errs []error
	for range rounds {
		now, err := v.Settings(n.name)
		if err != nil {
			return err
		}
		ops := n.differing(now)
		if len(ops) == 0 {
			return nil
		}
		errs = nil // a value may be refused until another is written
		for _, op := range ops {
			errs = append(errs, apply(op))
		}
	}
	return errors.Join(errs...)
}

// differing are the ops that write back what is not as it was. Settings of interfaces
// that are gone are left out.
func (n node) differing(now []plan.Setting) []plan.Op {
	values := make(map[string]string, len(now))
	for _, s := range now {
		values[s.Key] = s.Value
	}
	var ops []plan.SetSysctl
	for _, s := range n.settings {
		if value, there := values[s.Key]; there && value != s.Value {
			ops = append(ops, plan.SetSysctl{Node: n.name, Key: s.Key, Value: s.Value, Was: value, Optional: true})
		}
	}
	slices.SortStableFunc(ops, func(a, b plan.SetSysctl) int { return cmp.Compare(plan.SettingRank(a.Key), plan.SettingRank(b.Key)) })
	list := make([]plan.Op, len(ops))
	for i, op := range ops {
		list[i] = op
	}
	return list
}
