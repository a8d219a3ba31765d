package kernel

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// nsDir is where network namespaces have their names (ip-netns(8)).
const nsDir = "/run/netns"

func nsPath(name string) string { return nsDir + "/" + name }

// validName reports whether a name can be one of a file in nsDir.
func validName(name string) bool {
	return name != "" && name != "." && name != ".." && len(name) <= unix.NAME_MAX &&
		!strings.ContainsAny(name, "/\x00")
}

// lookup asks the directory which namespace has that name. A file that is not
// a namespace (what a deleted one can leave) is none.
func (w *World) lookup(name string) (ID, error) {
	var st unix.Stat_t
	if !validName(name) {
		return ID{}, fmt.Errorf("%s: %w", name, plan.ErrNoNode)
	}
	err := unix.Stat(nsPath(name), &st)
	if errors.Is(err, unix.ENOENT) || err == nil && st.Dev != w.host.ID.dev {
		return ID{}, fmt.Errorf("%s: %w", name, plan.ErrNoNode)
	}
	return ID{st.Dev, st.Ino}, err
}

// Nodes are the names of the namespaces, sorted, without the host.
func (w *World) Nodes() ([]string, error) {
	entries, err := os.ReadDir(nsDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if has, err := w.HasNode(e.Name()); err == nil && has && e.Name() != plan.Host {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, plan.CompareNames)
	return names, err
}

// HasNode reports whether a namespace of that name is there; the host is.
func (w *World) HasNode(name string) (bool, error) {
	if name == plan.Host {
		return true, nil
	}
	_, err := w.lookup(name)
	if errors.Is(err, plan.ErrNoNode) {
		return false, nil
	}
	return err == nil, err
}

// addNS creates a namespace and gives it a name.
func (w *World) addNS(name string) error {
	if !validName(name) || name == plan.Host {
		return fmt.Errorf("namespace name %q: %w", name, unix.EINVAL)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.share(); err != nil {
		return err
	}
	m := w.ahead.take(&w.sys)
	if m.err != nil {
		return m.err
	}
	h := m.h
	if err := w.name(name, h); err != nil {
		return errors.Join(err, h.close())
	}
	h.name = name
	w.sys.made(name, m.baseline)
	var err error
	if old := w.open[name]; old != nil {
		err = w.drop(old)
	}
	return errors.Join(err, w.keep(h))
}

// ShareNames makes the directory of names a shared mount, so that programs in
// mount namespaces of their own see names come and go.
func (w *World) ShareNames() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.share()
}

// share makes nsDir a shared mount, as ip-netns(8) does it: programs in mount
// namespaces of their own (ip netns exec) must see names come and go.
func (w *World) share() error {
	if w.shared {
		return nil
	}
	if err := os.MkdirAll(nsDir, 0o755); err != nil {
		return err
	}
	err := unix.Mount("", nsDir, "none", unix.MS_SHARED|unix.MS_REC, "")
	if errors.Is(err, unix.EINVAL) { // it is no mount point yet
		if err = unix.Mount(nsDir, nsDir, "none", unix.MS_BIND|unix.MS_REC, ""); err == nil {
			err = unix.Mount("", nsDir, "none", unix.MS_SHARED|unix.MS_REC, "")
		}
	}
	if err != nil {
		return fmt.Errorf("share %s: %w", nsDir, err)
	}
	w.shared = true
	return nil
}

// nameNS gives a namespace a name: a file that it is mounted on.
func nameNS(name string, h *handle) error {
	fd, err := unix.Open(nsPath(name), unix.O_RDONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	_ = unix.Close(fd)
	source := fmt.Sprintf("/proc/self/fd/%d", h.ns)
	if err := unix.Mount(source, nsPath(name), "none", unix.MS_BIND, ""); err != nil {
		return errors.Join(err, unix.Unlink(nsPath(name)))
	}
	return nil
}

// unnameNS takes the name away; the namespace lives while someone holds it.
func unnameNS(name string) error {
	if err := unix.Unmount(nsPath(name), unix.MNT_DETACH); err != nil {
		return err
	}
	return unix.Unlink(nsPath(name))
}

// delNS takes the name away and keeps the namespace until Commit.
func (w *World) delNS(name string, undone bool) error {
	if name == plan.Host {
		return fmt.Errorf("namespace name %q: %w", name, unix.EINVAL)
	}
	id, err := w.lookup(name)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	h, err := w.cached(name, id)
	if err != nil {
		return err
	}
	if err := unnameNS(name); err != nil {
		return err
	}
	w.forget(h)
	if undone {
		w.trash = slices.Insert(w.trash, 0, h) // restoreNS looks from the other end
		return nil
	}
	w.trash = append(w.trash, h)
	return nil
}

// restoreNS gives back the name that the last delNS of it took.
func (w *World) restoreNS(name string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.trash) - 1; i >= 0; i-- {
		h := w.trash[i]
		if h.name != name {
			continue
		}
		if err := w.name(name, h); err != nil {
			return err
		}
		w.trash = slices.Delete(w.trash, i, i+1)
		return w.keep(h)
	}
	return fmt.Errorf("%s: %w", name, plan.ErrNoNode)
}

// Deleted are namespaces that were deleted and have not ended yet.
type Deleted []*handle

// IDs are those of the namespaces.
func (d Deleted) IDs() []ID {
	ids := make([]ID, len(d))
	for i, h := range d {
		ids[i] = h.ID
	}
	return ids
}

// Deleted hands over the namespaces that were deleted since it was last called.
// They cannot be restored any more; the caller ends them with End.
func (w *World) Deleted() Deleted {
	w.mu.Lock()
	defer w.mu.Unlock()
	trash := w.trash
	w.trash = nil
	return trash
}

// End lets namespaces end. Their links go first: the kernel clears a namespace
// away in its own time, and until then the other ends of its cables would keep
// their names.
func (w *World) End(deleted Deleted) error {
	errs := []error{w.delHostEnds(deleted)}
	for _, h := range deleted {
		errs = append(errs, h.delLinks())
		w.mu.Lock()
		errs = append(errs, w.retire(h))
		w.mu.Unlock()
	}
	return errors.Join(errs...)
}

// Commit ends the namespaces that were deleted.
func (w *World) Commit() error { return w.End(w.Deleted()) }

// delHostEnds deletes the cables between the host and the namespaces, all
// together.
func (w *World) delHostEnds(trash []*handle) error {
	var ends []int
	for _, h := range trash {
		host, err := h.nsid(w.host.ns)
		if err != nil {
			return err
		}
		links, err := h.links()
		if err != nil {
			return err
		}
		for _, l := range links {
			if l.Kind == "veth" && l.peerNS >= 0 && l.peerNS == host {
				ends = append(ends, l.peer)
			}
		}
	}
	return w.host.delGroup(ends)
}
