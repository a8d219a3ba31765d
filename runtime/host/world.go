package host

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"nsl/runtime/plan"
)

// Machine is the kernel world whose host is the machine.
type Machine interface {
	plan.View
	plan.Applier
	// Mark has the namespaces and the host's table that are made from now on marked.
	Mark(text string, naming func(name string, inode uint64) error)
	// Inode is that of a node's namespace, and TableMark the mark of the lab's table in a node.
	Inode(node string) (uint64, error)
	TableMark(node string) (string, error)
	// RemoveName removes the empty file that a naming since then has left.
	RemoveName(name string, since time.Time) (bool, error)
}

// NewMark is a text that nothing on any machine is marked with.
func NewMark() string { return "nsl:" + rand.Text() }

// World does the ops of a lab on the machine, each after it is recorded.
type World struct {
	Policy  *Policy
	Journal *Journal
	Machine Machine
	mark    string
}

// NewWorld begins to mark what the lab makes.
func NewWorld(m Machine, p *Policy, j *Journal, mark string) *World {
	w := &World{Policy: p, Journal: j, Machine: m, mark: mark}
	m.Mark(mark, func(name string, inode uint64) error {
		return j.Add(Record{Kind: Namespace, Name: name, Inode: inode})
	})
	return w
}

// Apply does an op. A process that is killed at any moment of it leaves nothing that Clean does
// not recognize: interfaces of the host by their random addresses, until they have their mark.
func (w *World) Apply(ctx context.Context, op plan.Op) error {
	op, records, err := w.Policy.Admit(op)
	if err != nil || op == nil {
		return err
	}
	if m, ok := op.(plan.MoveLink); ok && m.To == plan.Host {
		if err := w.alias(ctx, m.Node, m.Name); err != nil {
			return err
		}
	}
	before, after := w.Policy.moments(records)
	if err := w.record(op, before); err != nil {
		return err
	}
	if err := w.Machine.Apply(ctx, op); err != nil {
		return err
	}
	if err := w.record(op, after); err != nil {
		return err
	}
	w.Policy.Note(op, records)
	if err := w.markNew(context.WithoutCancel(ctx), op, records); err != nil {
		for _, back := range op.Inverse() {
			err = errors.Join(err, w.Apply(context.WithoutCancel(ctx), back))
		}
		return err
	}
	return nil
}

func (w *World) record(op plan.Op, list []Record) error {
	for _, r := range list {
		r.Op = commands(op)
		if err := w.Journal.Add(r); err != nil {
			return err
		}
	}
	return nil
}

// markNew marks the interfaces that an op has made, and gives them their own addresses.
func (w *World) markNew(ctx context.Context, op plan.Op, records []Record) error {
	switch op.(type) {
	case plan.MoveLink, plan.RenameLink: // these have it
		return nil
	default:
	}
	for _, r := range records {
		if r.Kind != Link {
			continue
		}
		if err := w.alias(ctx, plan.Host, r.Name); err != nil {
			return err
		}
		if r.Is == "" {
			continue
		}
		if err := w.Machine.Apply(ctx, plan.SetMAC{Node: plan.Host, Name: r.Name, MAC: r.Is, Was: r.MAC}); err != nil {
			return err
		}
	}
	return nil
}

// alias marks an interface (ifalias, ip-link(8)).
func (w *World) alias(ctx context.Context, node, link string) error {
	return w.Machine.Apply(ctx, plan.SetOption{Node: node, Name: link, Option: "alias", Value: w.mark})
}
