package fake

import (
	"context"
	"syscall"
	"time"

	"nsl/runtime/plan"
)

// hopTime is how long a link takes in the model, there or back.
const hopTime = 10 * time.Microsecond

// Ping answers from the model: each request is followed through routes, cables,
// bridges and packet filters, and so is its reply. Time passes by the number of
// links only; the sizes of packets, reverse path filters (rp_filter) and what
// programs do are left out. The error is plan.ErrNoNode for an unknown node.
func (w *World) Ping(ctx context.Context, requests []plan.Ping) ([]plan.PingReply, error) {
	replies := make([]plan.PingReply, len(requests))
	for i, r := range requests {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if _, err := w.Links(r.Node); err != nil {
			return nil, err
		}
		replies[i] = w.ping(r)
	}
	return replies, nil
}

func (w *World) ping(r plan.Ping) plan.PingReply {
	reply, _ := w.exchange(r, &journey{world: w})
	return reply
}

// exchange follows a request and its reply; end is where the request got to.
func (w *World) exchange(r plan.Ping, j *journey) (reply plan.PingReply, end fate) {
	count := max(r.Count, 1)
	p := packet{dst: r.To.WithZone(""), ttl: r.TTL}
	if p.ttl == 0 {
		p.ttl = defaultTTL
	}
	dev := r.Dev
	if dev == "" {
		dev = r.To.Zone()
	}
	end = j.travel(r.Node, &p, dev)
	j.reached = p.dst
	switch {
	case end.errno != 0:
		return plan.PingReply{Err: plan.PingError{What: words(end.errno), Errno: end.errno}}, end
	case end.icmp.What != "":
		return j.report(r, count, end, p), end
	case !end.arrived:
		return plan.PingReply{Sent: count}, end
	}
	j.back = true
	back := packet{src: p.dst, dst: p.src, ttl: defaultTTL}
	home := j.travel(end.node, &back, "")
	if !home.arrived || home.node != r.Node {
		return plan.PingReply{Sent: count}, end
	}
	rtt := time.Duration(p.hops+back.hops) * hopTime
	return plan.PingReply{Sent: count, Received: count, RTT: rtt, Min: rtt, Max: rtt}, end
}

// report is an ICMP error, if it finds its way back.
func (j *journey) report(r plan.Ping, count int, end fate, p packet) plan.PingReply {
	j.back = true
	back := packet{src: end.icmp.From, dst: p.src, ttl: defaultTTL}
	if home := j.travel(end.at, &back, ""); !home.arrived || home.node != r.Node {
		return plan.PingReply{Sent: count}
	}
	return plan.PingReply{Sent: count, Err: end.icmp}
}

// words are the C library's for what a kernel refuses with.
func words(errno syscall.Errno) string {
	switch errno {
	case syscall.ENETUNREACH:
		return "Network is unreachable"
	case syscall.EHOSTUNREACH:
		return "No route to host"
	case syscall.EACCES:
		return "Permission denied"
	case syscall.EINVAL:
		return "Invalid argument"
	case syscall.EPERM:
		return "Operation not permitted"
	case syscall.ECONNREFUSED:
		return "Connection refused"
	}
	return errno.Error()
}

// unroutable is what a router answers that has no route, or one that refuses
// (RFC 792, RFC 4443). A blackhole says nothing.
func unroutable(errno syscall.Errno, six bool) plan.PingError {
	switch {
	case errno == syscall.EINVAL:
		return plan.PingError{}
	case six && errno == syscall.EACCES:
		return plan.PingError{What: "Destination unreachable: Administratively prohibited", Type: 1, Code: 1}
	case six:
		return plan.PingError{What: "Destination unreachable: No route", Type: 1}
	case errno == syscall.EACCES:
		return plan.PingError{What: "Packet filtered", Type: 3, Code: 13}
	case errno == syscall.EHOSTUNREACH:
		return plan.PingError{What: "Destination Host Unreachable", Type: 3, Code: 1}
	}
	return plan.PingError{What: "Destination Net Unreachable", Type: 3}
}

// prohibited is the answer of a filter that rejects (nft(8), icmpx admin-prohibited).
func prohibited(six bool) plan.PingError { return unroutable(syscall.EACCES, six) }

// silent is the answer when nobody on the last link answers for the address.
func silent(six bool) plan.PingError {
	if six {
		return plan.PingError{What: "Destination unreachable: Address unreachable", Type: 1, Code: 3}
	}
	return plan.PingError{What: "Destination Host Unreachable", Type: 3, Code: 1}
}

// expired is the answer of the router at which the hop limit ran out.
func expired(six bool) plan.PingError {
	if six {
		return plan.PingError{What: "Time exceeded: Hop limit", Type: 3}
	}
	return plan.PingError{What: "Time to live exceeded", Type: 11}
}
