package lab

import (
	"context"

	"nsl/runtime/kernel"
	"nsl/runtime/plan"
	"nsl/runtime/probe"
	"nsl/runtime/rtnl"
	"nsl/runtime/watch"
)

// prober sends packets from the nodes of a lab, when their interfaces are in
// operation.
type prober struct {
	// inside runs f on a thread inside a node.
	inside func(node string, f func() error) error
	// settle waits until the interfaces are in operation.
	settle func(context.Context) error
	// netlink opens the sockets with which probes ask the kernel.
	netlink rtnl.Dialer
}

// Ping sends echo requests, all at once, and reports on each in order.
func (p prober) Ping(ctx context.Context, requests []plan.Ping) ([]plan.PingReply, error) {
	if err := p.settle(ctx); err != nil {
		return nil, err
	}
	return probe.PingOn(ctx, p.netlink, p.inside, requests)
}

// Connect asks services whether they answer, all at once, and reports on each
// in order.
func (p prober) Connect(ctx context.Context, requests []plan.Connect) ([]plan.ConnectReply, error) {
	if err := p.settle(ctx); err != nil {
		return nil, err
	}
	return probe.Connect(ctx, p.inside, requests)
}

// Flows measures how much TCP brings from node to node, all at once, and reports
// on each in order.
func (p prober) Flows(ctx context.Context, flows []plan.Flow) ([]plan.FlowReply, error) {
	if err := p.settle(ctx); err != nil {
		return nil, err
	}
	return probe.Flows(ctx, p.inside, flows)
}

// Watch calls ask, and returns what passed the interfaces of nodes meanwhile.
func (p prober) Watch(ctx context.Context, nodes []string, ask func() error) ([]plan.Sighting, error) {
	if err := p.settle(ctx); err != nil {
		return nil, err
	}
	return watch.During(p.inside, nodes, ask)
}

// Drops are the counters of dropped packets; see [plan.Watcher].
func (p prober) Drops(nodes []string) ([]plan.DropCount, error) {
	return watch.Counters(p.inside, nodes)
}

// Announce sends the addresses of interfaces to their neighbours.
func (p prober) Announce(ctx context.Context, list []plan.Announcement) error {
	if err := p.settle(ctx); err != nil {
		return err
	}
	return probe.Announce(p.inside, list)
}

// FlushConnections empties the tables of connections of nodes.
func (p prober) FlushConnections(_ context.Context, nodes []string) error {
	for _, n := range nodes {
		if err := p.inside(n, func() error { return kernel.FlushConnections(p.netlink) }); err != nil {
			return err
		}
	}
	return nil
}

// Resolve asks the neighbours of interfaces for hardware addresses.
func (p prober) Resolve(ctx context.Context, list []plan.Resolve) ([][]string, error) {
	if err := p.settle(ctx); err != nil {
		return nil, err
	}
	return probe.Resolve(ctx, p.inside, list)
}
