package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"nsl/runtime/kernel"
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
	ns     kernel.Namespace
	handle service.Handle
	// reported: that it ended by itself was reported.
	reported bool
}

// Services are what was started in a node and not stopped, in the order it was
// started.
func (n *State) Services(node string) (list []plan.Running, err error) {
	err = n.of(node, func(id kernel.ID) error {
		for _, r := range n.services.of(id) {
			list = append(list, r.now(node))
		}
		return nil
	})
	return list, err
}

// Ended are the services that ended with an error of their own accord, and that
// it has not reported before.
func (n *State) Ended() []plan.Running {
	n.services.mu.Lock()
	defer n.services.mu.Unlock()
	var list []plan.Running
	for _, r := range n.services.list {
		if now := r.now(r.Node); now.Ended != "" && !r.reported {
			r.reported = true
			if err := r.handle.Err(); err != nil {
				file := (*plan.FileError)(nil)
				now.Broken = errors.As(err, &file)
				list = append(list, now)
			}
		}
	}
	return list
}

func (s *services) of(home kernel.ID) []*running {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*running
	for _, r := range s.list {
		if r.ns.ID == home {
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
func (n *State) start(ctx context.Context, o plan.Start) error {
	have, err := n.Services(o.Node)
	switch {
	case err != nil:
		return err
	case slices.ContainsFunc(have, func(r plan.Running) bool { return r.ID == o.ID }):
		return fmt.Errorf("%s: %w", o.Effect().Object, unix.EEXIST)
	case o.Service == nil:
		return fmt.Errorf("%s: %w", o.Effect().Object, unix.EINVAL)
	}
	ns, err := n.kernel.Hold(o.Node)
	if err != nil {
		return err
	}
	r := &running{Running: plan.Running{Node: o.Node, ID: o.ID, Service: o.Service}, ns: ns}
	n.advertised.begin(n, r)
	if r.handle, err = n.serve(ctx, r); err != nil {
		return errors.Join(taken(err, have, o), r.ns.Close())
	}
	n.services.mu.Lock()
	defer n.services.mu.Unlock()
	n.services.list = append(n.services.list, r)
	return nil
}

// serve starts what the service is.
func (n *State) serve(ctx context.Context, r *running) (service.Handle, error) {
	if s, ok := r.Service.(plan.Program); ok {
		p, err := n.spawn(ctx, r, s)
		if err != nil {
			return nil, err // not p: a nil pointer in an interface is not nil
		}
		return p, nil
	}
	return service.Start(n.home(r), r.Service)
}

// home is where a server runs.
func (n *State) home(r *running) service.Node {
	return service.Node{Name: r.Node, Inside: r.ns.Inside, InsideOf: n.kernel.Inside, Files: n.opener(),
		Hosts: func() ([]plan.HostLine, error) { return n.Hosts(r.Node) }}
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
func (n *State) stop(o plan.Stop) error {
	return n.of(o.Node, func(id kernel.ID) error {
		for _, r := range n.services.of(id) {
			if r.ID == o.ID {
				return n.endOf(r, o)
			}
		}
		return fmt.Errorf("%s: %w", o.Effect().Object, unix.ESRCH)
	})
}

// restart opens the sockets of a service again. One that cannot go on has ended.
func (n *State) restart(o plan.Restart) error {
	return n.of(o.Node, func(id kernel.ID) error {
		for _, r := range n.services.of(id) {
			if r.ID != o.ID {
				continue
			}
			h, err := service.Restart(n.home(r), r.Service, r.handle)
			if err == nil {
				n.services.replace(r, &running{Running: r.Running, ns: r.ns, handle: h})
			}
			return err
		}
		return fmt.Errorf("%s: %w", o.Effect().Object, unix.ESRCH)
	})
}

// replace leaves the old one to those that look at it now.
func (s *services) replace(old, by *running) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.list, old); i >= 0 {
		s.list[i] = by
	}
}

// end stops some services, all at once, and forgets them.
func (s *services) end(list ...*running) error {
	s.mu.Lock()
	s.list = slices.DeleteFunc(s.list, func(r *running) bool { return slices.Contains(list, r) })
	s.mu.Unlock()
	errs := make([]error, len(list))
	var wait sync.WaitGroup
	for i, r := range list {
		wait.Go(func() { errs[i] = errors.Join(r.handle.Close(), r.ns.Close()) })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// endIn stops what runs in namespaces that end.
func (s *services) endIn(ids []kernel.ID) error {
	var list []*running
	for _, id := range ids {
		list = append(list, s.of(id)...)
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

// Sockets are the sockets of a node that wait for others, with the programs that
// hold them; those of this process are its services'.
func (n *State) Sockets(node string) ([]plan.Socket, error) {
	sockets, err := n.kernel.Sockets(node)
	if err != nil {
		return nil, err
	}
	return sockets, n.of(node, func(id kernel.ID) error {
		for _, r := range n.services.of(id) {
			for i, s := range sockets {
				if s.PID == 0 && r.PID == 0 && slices.ContainsFunc(r.Service.Listens(), s.Is) {
					sockets[i].PID, sockets[i].Program = os.Getpid(), "nsl "+r.ID
				}
			}
		}
		return nil
	})
}
