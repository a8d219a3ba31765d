package kernel

import (
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// linkKey is an interface of an open namespace.
type linkKey struct {
	in   *handle
	name string
}

// indexes remembers the kernel's numbers of interfaces while the ops of a statement are
// done: a thousand cables to one switch need not ask a thousand times for its number, nor
// the addresses of a cable for those of its ends.
type indexes struct {
	// announced: the ops of a statement are being done.
	announced bool
	known     map[linkKey]int
}

// expect begins a statement, or ends it.
func (x *indexes) expect(announced bool) { *x = indexes{announced: announced} }

// forget is for when a name may become another interface's.
func (x *indexes) forget() { x.known = nil }

// keepsIndexes reports an op that gives no name to another interface.
func keepsIndexes(op plan.Op) bool {
	switch op.(type) {
	case plan.AddNS, plan.Baseline, plan.AddVeth, plan.AddAddr, plan.SetUp:
		return true
	default:
		return false
	}
}

// noteIndex remembers the number of an interface; 0 is unknown.
func (w *World) noteIndex(h *handle, name string, index int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if index == 0 || !w.indexes.announced {
		return
	}
	if w.indexes.known == nil {
		w.indexes.known = map[linkKey]int{}
	}
	w.indexes.known[linkKey{h, name}] = index
}

// indexOf is the kernel's number for an interface.
func (w *World) indexOf(h *handle, name string) (int, error) {
	w.mu.Lock()
	index, ok := w.indexes.known[linkKey{h, name}]
	w.mu.Unlock()
	if ok {
		return index, nil
	}
	index, err := h.index(name)
	if err == nil {
		w.noteIndex(h, name, index)
	}
	return index, err
}

// createdLink makes an interface and gives what the kernel says of it at once: nothing
// before Linux 6.2, which does not echo new interfaces (NLM_F_ECHO, netlink(7)).
func (h *handle) createdLink(name string, parts []data) (l rawLink, err error) {
	const flags = unix.NLM_F_CREATE | unix.NLM_F_EXCL | unix.NLM_F_ACK | unix.NLM_F_ECHO
	bodies, err := h.route.execute(unix.RTM_NEWLINK, flags, unix.RTM_NEWLINK, parts)
	for _, body := range bodies {
		if echo, err := h.parseLink(body); err == nil && echo.Name == name {
			l = echo
		}
	}
	return l, err
}
