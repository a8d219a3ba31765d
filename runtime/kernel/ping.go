package kernel

import (
	"context"

	"nsl/runtime/plan"
	"nsl/runtime/probe"
)

// Ping sends echo requests, all at once, and reports on each in order.
func (w *World) Ping(ctx context.Context, requests []plan.Ping) ([]plan.PingReply, error) {
	if err := w.settle(ctx); err != nil {
		return nil, err
	}
	return probe.Ping(ctx, w.Inside, requests)
}

// Connect asks services whether they answer, all at once, and reports on each
// in order.
func (w *World) Connect(ctx context.Context, requests []plan.Connect) ([]plan.ConnectReply, error) {
	if err := w.settle(ctx); err != nil {
		return nil, err
	}
	return probe.Connect(ctx, w.Inside, requests)
}

// Flows measures how much TCP brings from node to node, all at once, and reports
// on each in order.
func (w *World) Flows(ctx context.Context, flows []plan.Flow) ([]plan.FlowReply, error) {
	if err := w.settle(ctx); err != nil {
		return nil, err
	}
	return probe.Flows(ctx, w.Inside, flows)
}

// Lookup finds the addresses of a name as a program in a node would.
func (w *World) Lookup(ctx context.Context, q plan.Lookup) (plan.LookupReply, error) {
	if err := w.settle(ctx); err != nil {
		return plan.LookupReply{}, err
	}
	var names probe.NodeNames
	var err error
	if names.Hosts, err = w.Hosts(q.Node); err != nil {
		return plan.LookupReply{}, err
	}
	if names.Resolver, err = w.Resolver(q.Node); err != nil {
		return plan.LookupReply{}, err
	}
	return probe.Lookup(ctx, w.Inside, names, q)
}
