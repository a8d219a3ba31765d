package kernel

import (
	"errors"

	"nsl/runtime/kernel/content"
	"nsl/runtime/plan"
)

// Content is what nodes hold, as the kernel describes it. A node that is gone is left out;
// one that another program has deleted since it was read can be restored until the next
// Commit.
func (w *World) Content(nodes []string) (plan.Content, error) {
	all := plan.Content{}
	for _, node := range nodes {
		err := w.Inside(node, func() (err error) {
			all[node], err = content.Read()
			return err
		})
		if errors.Is(err, plan.ErrNoNode) {
			w.bury(node)
		}
		if err != nil && !errors.Is(err, plan.ErrNoNode) {
			return nil, err
		}
	}
	return all, nil
}

// bury keeps the namespace of a node whose name is gone as one that an op deleted.
func (w *World) bury(node string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if h := w.open[node]; h != nil {
		w.forget(h)
		w.trash = append(w.trash, h)
	}
}

// setItem makes one thing of a node what it is to be.
func (w *World) setItem(o plan.SetItem) error {
	return w.Inside(o.Node, func() error { return content.Write(o.Was, o.Is) })
}
