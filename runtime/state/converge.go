package state

import (
	"nsl/runtime/plan"
)

// World is a model, in which ops do what the kernel would.
type World interface {
	plan.View
	Apply(op plan.Op) error
	Commit() error
}

// rounds is how often what is left is compared: each change may cause others.
const rounds = 12

// Converge applies to a model the ops that make it what is wanted, again and again
// until nothing differs, and returns them in their order. The notes, and an error of the last
// look, are about what is left: ops that the model refuses are left out.
func Converge(w World, pristine Pristine, want *Lab, keys []string) ([]plan.Op, []Note, error) {
	return ConvergeIn(w, pristine, want, keys, func(plan.Op) bool { return true })
}

// ConvergeIn is Converge for some ops only.
func ConvergeIn(w World, pristine Pristine, want *Lab, keys []string, which func(plan.Op) bool) ([]plan.Op, []Note, error) {
	var done []plan.Op
	for range rounds {
		now, err := Read(w, pristine, keys)
		if err != nil {
			return done, nil, err
		}
		ops, notes := Diff(now, want)
		before := len(done)
		var refused error
		for _, op := range ops {
			if !which(op) {
				continue
			}
			if err := w.Apply(op); err != nil {
				refused = err
				continue
			}
			done = append(done, op)
		}
		if err := w.Commit(); err != nil {
			return done, notes, err
		}
		if len(done) == before {
			return done, notes, refused
		}
	}
	return done, nil, nil
}

// Native are ops that were planned on a model for a lab with those pristine settings: what
// is to be pristine again gets the lab's own value.
func Native(ops []plan.Op, pristine Pristine, want *Lab) []plan.Op {
	for i, op := range ops {
		o, ok := op.(plan.SetSysctl)
		if !ok {
			continue
		}
		path := settingPath(o.Key)
		if n := want.Node(o.Node); n == nil || n.Settings[path] != "" {
			continue
		}
		if value, known := pristine.of(path); known {
			o.Value = value
			ops[i] = o
		}
	}
	return ops
}
