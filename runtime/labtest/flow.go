package labtest

import (
	"context"

	"nsl/runtime/plan"
)

// flowRate is what every flow brings in the model, in bits per second.
const flowRate = 1e9

// Flows answers from the model: a flow is established where an echo request is answered,
// and brings a gigabit per second whatever the links are. The error is
// plan.ErrNoNode for an unknown node.
func (w *World) Flows(ctx context.Context, flows []plan.Flow) ([]plan.FlowReply, error) {
	replies := make([]plan.FlowReply, len(flows))
	for i, f := range flows {
		pings, err := w.Ping(ctx, []plan.Ping{{Node: f.From, To: f.To, Dev: f.Dev, Count: 1}})
		if err != nil {
			return nil, err
		}
		if replies[i].Connected = pings[0].Received > 0; replies[i].Connected {
			replies[i].Rate = flowRate
		}
		replies[i].Err = pings[0].Err
	}
	return replies, nil
}
