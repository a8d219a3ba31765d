package kernel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/service"
)

// services are what runs in the nodes, by namespace: the name of a namespace
// may be taken away and given back.
type services struct {
	mu   sync.Mutex
	list []*running
}

// running is a service that was started and not stopped.
type running struct {
	plan.Running
	home nsID
	// ns holds the namespace, so that the kernel does not reuse its number.
	ns     int
	handle service.Handle
	// told: that it ended by itself was told.
	told bool
}

// Services are what was started in a node and not stopped, in the order it was
// started.
func (w *World) Services(node string) (list []plan.Running, err error) {
	err = w.in(node, func(h *handle) error {
		for _, r := range w.services.of(h.id) {
			list = append(list, r.now(node))
		}
		return nil
	})
	return list, err
}

// Ended are the services that ended with an error of their own accord, and that
// it has not told of before.
func (w *World) Ended() []plan.Running {
	w.services.mu.Lock()
	defer w.services.mu.Unlock()
	var list []plan.Running
	for _, r := range w.services.list {
		if now := r.now(r.Node); now.Ended != "" && !r.told {
			r.told = true
			if r.handle.Err() != nil {
				list = append(list, now)
			}
		}
	}
	return list
}

func (s *services) of(home nsID) []*running {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*running
	for _, r := range s.list {
		if r.home == home {
			list = append(list, r)
		}
	}
	return list
}

// now is the service as it is at this moment.
func (r *running) now(node string) plan.Running {
	n := r.Running
	n.Node = node
	select {
	case <-r.handle.Done():
		n.Ended = "it ended"
		if err := r.handle.Err(); err != nil {
			n.Ended = err.Error()
		}
		if p, ok := r.handle.(*background); ok {
			n.Printed = p.printed()
		}
	default:
	}
	return n
}

// start starts a service.
func (w *World) start(ctx context.Context, o plan.Start) error {
	have, err := w.Services(o.Node)
	switch {
	case err != nil:
		return err
	case slices.ContainsFunc(have, func(r plan.Running) bool { return r.ID == o.ID }):
		return fmt.Errorf("%s: %w", o.Object(), unix.EEXIST)
	case o.Service == nil:
		return fmt.Errorf("%s: %w", o.Object(), unix.EINVAL)
	}
	r, err := w.hold(o)
	if err != nil {
		return err
	}
	if r.handle, err = w.serve(ctx, r); err != nil {
		return errors.Join(taken(err, have, o), unix.Close(r.ns))
	}
	w.services.mu.Lock()
	defer w.services.mu.Unlock()
	w.services.list = append(w.services.list, r)
	return nil
}

// hold opens the namespace of a service that is to run.
func (w *World) hold(o plan.Start) (*running, error) {
	r := &running{Running: plan.Running{Node: o.Node, ID: o.ID, Service: o.Service}}
	err := w.in(o.Node, func(h *handle) (err error) {
		r.home = h.id
		r.ns, err = unix.FcntlInt(uintptr(h.ns), unix.F_DUPFD_CLOEXEC, 0)
		return err
	})
	return r, err
}

// serve starts what the service is.
func (w *World) serve(ctx context.Context, r *running) (service.Handle, error) {
	if s, ok := r.Service.(plan.Program); ok {
		p, err := w.spawn(ctx, r, s)
		if err != nil {
			return nil, err // not p: a nil pointer in an interface is not nil
		}
		return p, nil
	}
	n := service.Node{Name: r.Node,
		Inside: func(f func() error) error { return inside(r.ns, f) },
		InsideOf: func(node string, f func() error) error {
			return w.in(node, func(h *handle) error { return inside(h.ns, f) })
		},
		Hosts: func() ([]plan.HostLine, error) { return w.Hosts(r.Node) }}
	return service.Start(n, r.Service)
}

// taken says who has the port, when that is what is wrong.
func taken(err error, have []plan.Running, o plan.Start) error {
	if !errors.Is(err, unix.EADDRINUSE) {
		return err
	}
	if clash := plan.Clash(have, o.Service); clash != nil {
		return clash
	}
	if ports := o.Service.Listens(); len(ports) > 0 {
		return &plan.PortTaken{Listen: ports[0]}
	}
	return err
}

// stop ends a service.
func (w *World) stop(o plan.Stop) error {
	return w.in(o.Node, func(h *handle) error {
		for _, r := range w.services.of(h.id) {
			if r.ID == o.ID {
				return w.services.end(r)
			}
		}
		return fmt.Errorf("%s: %w", o.Object(), unix.ESRCH)
	})
}

// end stops some services, all at once, and forgets them.
func (s *services) end(list ...*running) error {
	s.mu.Lock()
	s.list = slices.DeleteFunc(s.list, func(r *running) bool { return slices.Contains(list, r) })
	s.mu.Unlock()
	errs := make([]error, len(list))
	var wait sync.WaitGroup
	for i, r := range list {
		wait.Go(func() { errs[i] = errors.Join(r.handle.Close(), unix.Close(r.ns)) })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// endIn stops what runs in namespaces that end.
func (s *services) endIn(homes []*handle) error {
	var list []*running
	for _, h := range homes {
		list = append(list, s.of(h.id)...)
	}
	return s.end(list...)
}

// foreign reports whether something runs that may change addresses.
func (s *services) foreign() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.list, func(r *running) bool {
		switch r.Service.(type) {
		case plan.HTTP, plan.Echo, plan.Capture:
			return false
		default:
			return true
		}
	})
}

// programNodes are the nodes in which programs were started.
func (s *services) programNodes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var nodes []string
	for _, r := range s.list {
		if _, ok := r.Service.(plan.Program); ok && !slices.Contains(nodes, r.Node) {
			nodes = append(nodes, r.Node)
		}
	}
	return nodes
}

// close stops everything.
func (s *services) close() error {
	s.mu.Lock()
	list := slices.Clone(s.list)
	s.mu.Unlock()
	return s.end(list...)
}
