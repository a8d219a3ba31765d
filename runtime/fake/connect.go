package fake

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"syscall"

	"nsl/runtime/plan"
)

// Connect answers from the model: the request is followed as an echo request
// is, and answered by what was started in the node that it reaches. Rules about
// ports are left out. The error is plan.ErrNoNode for an unknown node.
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
	way := w.ping(plan.Ping{Node: r.Node, To: r.To.Addr(), Dev: r.Dev, Count: 1})
	if way.Received == 0 {
		return plan.ConnectReply{Err: way.Err}
	}
	s := w.waiting(r)
	if s == nil {
		return plan.ConnectReply{RTT: way.RTT, Err: plan.PingError{What: "Connection refused", Errno: syscall.ECONNREFUSED}}
	}
	reply := plan.ConnectReply{Connected: true, RTT: way.RTT}
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

// waiting is the service that a request reaches, or nil.
func (w *World) waiting(r plan.Connect) plan.Service {
	wanted := plan.Listen{Proto: r.Proto, Addr: r.To.Addr(), Port: int(r.To.Port())}
	j := &journey{world: w}
	p := packet{dst: r.To.Addr(), ttl: defaultTTL}
	end := j.travel(r.Node, &p, r.Dev)
	running, err := w.Services(end.node)
	if err != nil {
		return nil
	}
	for _, s := range running {
		if slices.ContainsFunc(s.Service.Listens(), wanted.Meets) {
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
