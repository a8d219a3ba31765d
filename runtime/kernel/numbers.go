package kernel

import (
	"context"
	"errors"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// numbers are those that an interface, and the other end of a cable, are to have; 0 is the
// kernel's choice.
type numbers [2]int32

// header begins the message that makes the interface (rtnetlink(7)).
func (n numbers) header() *nl.IfInfomsg {
	m := nl.NewIfInfomsg(unix.AF_UNSPEC)
	m.Index = n[0]
	return m
}

// numbered makes interfaces. In an undo that wants it they get the numbers that they had, unless
// others have them now.
func (w *World) numbered(ctx context.Context, add func(numbers) error, refs ...plan.Ref) error {
	var n numbers
	undo, again := plan.IsUndo(ctx)
	if undo {
		n = w.oldNumbers(refs)
	}
	if !again {
		n = numbers{}
	}
	err := add(n)
	if n != (numbers{}) && errors.Is(err, unix.EBUSY) {
		err = add(numbers{})
	}
	return err
}

// oldNumbers takes the numbers that interfaces had when they were deleted last.
func (w *World) oldNumbers(refs []plan.Ref) (n numbers) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, r := range refs {
		if list := w.were[r]; len(list) > 0 {
			n[i], w.were[r] = int32(list[len(list)-1]), list[:len(list)-1]
		}
	}
	return n
}

// keepNumbers remembers the numbers of the interfaces that a deletion takes away, and an undo
// will make again.
func (w *World) keepNumbers(ctx context.Context, o plan.DelLink) {
	if undo, _ := plan.IsUndo(ctx); undo {
		return
	}
	for _, again := range o.Was {
		for _, l := range again.Effect().Links {
			w.keepNumber(l.Ref())
		}
	}
}

// keepNumber remembers the number of an interface; one that cannot be read is left to the kernel.
func (w *World) keepNumber(r plan.Ref) {
	index, _ := look(w, r.Node, func(h *handle) (int, error) { return h.index(r.Link) })
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.were == nil {
		w.were = map[plan.Ref][]int{}
	}
	w.were[r] = append(w.were[r], index)
}
