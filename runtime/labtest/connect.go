package labtest

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"slices"
	"syscall"

	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// Connect answers from the model: the request is followed as an echo request
// is, and answered by what was started in the node that it reaches. The error is plan.ErrNoNode for an unknown node.
func (w *World) Connect(ctx context.Context, requests []plan.Connect) ([]plan.ConnectReply, error) {
	replies := make([]plan.ConnectReply, len(requests))
	for i, r := range requests {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if _, err := w.Links(r.Node); err != nil {
			return nil, err
		}
		replies[i] = w.connect(r)
	}
	return replies, nil
}

func (w *World) connect(r plan.Connect) plan.ConnectReply {
	p := path.Packet{Dst: r.To.Addr().WithZone(""), Proto: r.Proto, DstPort: r.To.Port()}
	x := path.Ask(w, r.Node, p, cmp.Or(r.Dev, r.To.Addr().Zone()))
	if !x.Answered() {
		return plan.ConnectReply{Err: refusal(x)}
	}
	reached := x.Request.Packet
	s := w.waiting(x.Request.Node(), plan.Listen{Proto: r.Proto, Addr: reached.Dst, Port: int(reached.DstPort)})
	if s == nil {
		return plan.ConnectReply{RTT: roundTrip(x), Err: plan.RefusedHere(syscall.ECONNREFUSED)}
	}
	reply := plan.ConnectReply{Connected: true, RTT: roundTrip(x)}
	web, ok := s.(plan.HTTP)
	switch {
	case r.HTTP == nil:
	case !ok:
		reply.Broken = "no answer came"
	default:
		reply.HTTP = &plan.HTTPReply{Status: web.Status, Body: web.Body}
		if web.Status == 0 {
			reply.HTTP.Status = http.StatusOK
		}
	}
	return reply
}

// waiting is the service of a node that holds a port, or nil.
func (w *World) waiting(node string, wanted plan.Listen) plan.Service {
	running, err := w.Services(node)
	if err != nil {
		return nil
	}
	for _, s := range running {
		if slices.ContainsFunc(s.Service.Listens(), wanted.Conflicts) {
			return s.Service
		}
	}
	return nil
}

// Lookup answers from the hosts files that nodes would have; name servers are
// not asked.
func (w *World) Lookup(_ context.Context, q plan.Lookup) (plan.LookupReply, error) {
	if a, err := netip.ParseAddr(q.Name); err == nil {
		return plan.LookupReply{Addrs: []netip.Addr{a}, From: "itself"}, nil
	}
	lines, err := w.Hosts(q.Node)
	if err != nil {
		return plan.LookupReply{}, err
	}
	if addrs := plan.LookUp(lines, q.Name); len(addrs) > 0 {
		return plan.LookupReply{Addrs: addrs, From: "/etc/hosts"}, nil
	}
	return plan.LookupReply{Err: "it is not in /etc/hosts, and there is no name server to ask"}, nil
}

// Ended is none: nothing ends by itself in the model.
func (w *World) Ended() []plan.Running { return nil }
