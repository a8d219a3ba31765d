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
