package engine

import (
	"errors"
	"slices"
	"syscall"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// reads is a view that notes when the machine could not say what every kernel knows. A
// statement that goes on without the answer takes what is there for missing, so what it
// finds then is no finding of its own.
type reads struct {
	plan.View
	fault error
	// links are those of nodes that have been asked while statements wait, which change none;
	// nil while none waits.
	links map[string][]plan.Link
}

// begin forgets what an earlier statement met.
func (r *reads) begin() { r.fault = nil }

// failed is the finding that the machine has failed in the statement there, or nil.
func (r *reads) failed(at source.Span) *diag.Diagnostic {
	if r.fault == nil {
		return nil
	}
	return verb.Refused(at, nil, r.fault)
}

// machineFaults are errors that do not depend on what is asked for. Those that pass were
// waited for.
func machineFaults() []error {
	return []error{plan.ErrLost, syscall.EPERM, syscall.EOPNOTSUPP, syscall.EBUSY, syscall.EINTR, syscall.EAGAIN, syscall.ENOBUFS, syscall.ENOMEM,
		syscall.EMFILE, syscall.ENFILE, syscall.EIO, syscall.EBADMSG, syscall.EMSGSIZE}
}

func (r *reads) note(err error) {
	if err == nil || r.fault != nil {
		return
	}
	for _, fault := range machineFaults() {
		if errors.Is(err, fault) {
			r.fault = err
		}
	}
}

// Nodes implements [plan.View], as do the others.
func (r *reads) Nodes() ([]string, error) {
	names, err := r.View.Nodes()
	r.note(err)
	return names, err
}

// HasNode implements [plan.View].
func (r *reads) HasNode(name string) (bool, error) {
	has, err := r.View.HasNode(name)
	r.note(err)
	return has, err
}

// Links implements [plan.View].
func (r *reads) Links(node string) ([]plan.Link, error) {
	if links, ok := r.links[node]; ok {
		return slices.Clone(links), nil
	}
	links, err := r.View.Links(node)
	r.note(err)
	if err == nil && r.links != nil {
		r.links[node] = slices.Clone(links)
	}
	return links, err
}

// Link implements [plan.View].
func (r *reads) Link(node, name string) (plan.Link, error) {
	l, err := r.View.Link(node, name)
	r.note(err)
	return l, err
}

// Peer implements [plan.View].
func (r *reads) Peer(node, link string) (plan.Ref, error) {
	peer, err := r.View.Peer(node, link)
	r.note(err)
	return peer, err
}

// Routes implements [plan.View].
func (r *reads) Routes(node string) ([]plan.Route, error) {
	routes, err := r.View.Routes(node)
	r.note(err)
	return routes, err
}
