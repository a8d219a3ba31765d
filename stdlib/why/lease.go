package why

import (
	"errors"
	"fmt"
	"slices"

	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// Op says why an op failed that waits for something of the lab: a DHCP client, for an
// address. Both are "" where it does not know.
func Op(view verb.Lab, op plan.Op, err error) (why, fix string) {
	lease, ok := op.(plan.Lease)
	if !ok || !errors.Is(err, plan.ErrNoLease) {
		return "", ""
	}
	q := &inquiry{Lab: view, snap: path.Of(view), asked: Request{node: lease.Node}}
	client := plan.Ref{Node: lease.Node, Link: lease.Link}
	for r := range path.Segment(q.snap, client) {
		if r == client || !q.lends(r) {
			continue
		}
		if p, ok := q.stoppedAt(r.Node, plan.Listen{Proto: "udp", Port: plan.DHCPPort}); ok {
			return stoppedWords(p, fmt.Sprintf("%s:%d", r.Node, plan.DHCPPort))
		}
		end, back := path.Lend(q.snap, client, r)
		if end != nil {
			q.say(path.Fate{Hops: []path.Hop{{Node: client.Node}}, End: end}, back)
		}
		return q.why, q.fix
	}
	return "", ""
}

// lends reports whether a DHCP server listens at an interface: one of the lab's, or a
// program of its node.
func (q *inquiry) lends(r plan.Ref) bool {
	l, err := q.snap.Link(r.Node, r.Link)
	running, err2 := q.Services(r.Node)
	if err != nil || err2 != nil || l.Master != "" {
		return false
	}
	own := false
	for _, s := range running {
		d, ok := s.Service.(plan.DHCP)
		own = own || ok
		if ok && s.Ended == "" && d.Link == r.Link {
			return true
		}
	}
	sockets, err := q.Sockets(r.Node)
	return !own && err == nil && slices.ContainsFunc(sockets, func(s plan.Socket) bool {
		return s.Is(plan.Listen{Proto: "udp", Port: plan.DHCPPort})
	})
}
