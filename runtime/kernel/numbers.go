package kernel

import (
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

// numbered makes interfaces. Those that were deleted get their numbers again, unless others have
// them now: what was undone of a program's changes names interfaces by their numbers.
func (w *World) numbered(add func(numbers) error, refs ...plan.Ref) error {
	var n numbers
	w.mu.Lock()
	for i, r := range refs {
		n[i] = int32(w.were[r])
	}
	w.mu.Unlock()
	err := add(n)
	if n != (numbers{}) && errors.Is(err, unix.EBUSY) {
		err = add(numbers{})
	}
	return err
}

// keepNumbers remembers the numbers of the interfaces that a deletion takes away.
func (w *World) keepNumbers(o plan.DelLink) {
	w.keepNumber(plan.Ref{Node: o.Node, Link: o.Name})
	for _, again := range o.Was {
		for _, l := range again.Effect().Links {
			w.keepNumber(l.Ref())
		}
	}
}

// keepNumber remembers the number of an interface; one that cannot be read is left to the kernel.
func (w *World) keepNumber(r plan.Ref) {
	index, err := look(w, r.Node, func(h *handle) (int, error) { return h.index(r.Link) })
	if err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.were == nil {
		w.were = map[plan.Ref]int{}
	}
	w.were[r] = index
}
