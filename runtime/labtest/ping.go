package labtest

import (
	"cmp"
	"context"
	"syscall"
	"time"

	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// hopTime is how long a link takes in the model, there or back.
const hopTime = 10 * time.Microsecond

// Ping answers from the model: each request is followed through it, and so is its
// reply (package path). Time passes by the number of links only. The error is
// plan.ErrNoNode for an unknown node.
func (w *World) Ping(ctx context.Context, requests []plan.Ping) ([]plan.PingReply, error) {
	lab := path.Of(w)
	replies := make([]plan.PingReply, len(requests))
	for i, r := range requests {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if _, err := lab.Links(r.Node); err != nil {
			return nil, err
		}
		replies[i] = Predict(lab, r)
	}
	return replies, nil
}

// Predict is the reply that a ping has in a lab, by the path that it takes.
func Predict(lab plan.View, r plan.Ping) plan.PingReply {
	x := path.Ask(lab, r.Node, path.Echo(r), cmp.Or(r.Dev, r.To.Zone()))
	reply := plan.PingReply{Sent: max(r.Count, 1), Err: refusal(x)}
	if x.Answered() {
		rtt := roundTrip(x)
		reply.Received, reply.RTT, reply.Min, reply.Max = reply.Sent, rtt, rtt, rtt
	}
	return reply
}

// refusal is what the sender gets: from its own kernel, or by an ICMP error that
// comes back.
func refusal(x path.Exchange) plan.PingError {
	switch {
	case refusedHere(x.Request) != 0:
		return plan.RefusedHere(refusedHere(x.Request))
	case !x.Refused():
		return plan.PingError{}
	case x.Reset:
		return plan.RefusedHere(syscall.ECONNREFUSED)
	}
	return plan.ICMPError(x.Error.From, x.Error.Type, x.Error.Code, 0)
}

// refusedHere is what the sender's own kernel refuses to send with, or 0.
func refusedHere(f path.Fate) syscall.Errno {
	if len(f.Hops) > 1 {
		return 0
	}
	switch e := f.End.(type) {
	case path.NoRoute:
		return syscall.ENETUNREACH
	case path.Refused:
		return e.Errno
	case path.Filtered:
		if e.Rule.Chain.Hook == plan.Output.Hook && e.Rule.Verdict == "drop" {
			return syscall.EPERM
		}
	}
	return 0
}

// roundTrip is the time that an exchange takes.
func roundTrip(x path.Exchange) time.Duration {
	return time.Duration(len(x.Request.Hops)+len(x.Reply.Hops)-2) * hopTime
}
