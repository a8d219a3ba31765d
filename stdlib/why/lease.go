package why

import (
	"errors"
	"fmt"
	"net/netip"
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
		} else if relay, ok := relayAt(view, r); ok {
			q.relayed(r.Node, relay)
		}
		return q.why, q.fix
	}
	return "", ""
}

// relayAt is the DHCP relay that runs at an interface.
func relayAt(view verb.Lab, at plan.Ref) (plan.DHCPRelay, bool) {
	running, err := view.Services(at.Node)
	for _, s := range running {
		if relay, ok := s.Service.(plan.DHCPRelay); ok && err == nil && s.Ended == "" && relay.Link == at.Link {
			return relay, true
		}
	}
	return plan.DHCPRelay{}, false
}

// relayed explains what stops what a relay passes on, or its answer.
func (q *inquiry) relayed(node string, relay plan.DHCPRelay) {
	for _, a := range relay.Servers {
		q.asked = ConnectRequest(plan.Connect{Node: node, Proto: "udp", To: netip.AddrPortFrom(a, plan.DHCPPort)})
		q.asked.packet.Src, q.asked.packet.SrcPort = relay.From, plan.DHCPPort
		q.Exchange = path.Ask(q.snap, node, q.asked.packet, "")
		q.explain()
		if owner := q.Request.Node(); q.why == "" && q.Request.Arrived() && !q.lendsBy(owner, relay) {
			q.stop(fmt.Sprintf("%s, to which %s passes the request on, has no DHCP server for the subnet of %s", owner, node, relay.From),
				fmt.Sprintf("start one there: dhcp serve %s:IFACE subnet SUBNET", owner))
		}
	}
}

// lendsBy reports whether a node lends addresses of the subnet of a relay, or may.
func (q *inquiry) lendsBy(node string, relay plan.DHCPRelay) bool {
	running, err := q.Services(node)
	sockets, err2 := q.Sockets(node)
	own := false
	for _, s := range running {
		d, ok := s.Service.(plan.DHCP)
		own = own || ok && s.Ended == ""
		if _, served := d.For(relay.From); ok && s.Ended == "" && served {
			return true
		}
	}
	return err != nil || err2 != nil || !own && hearsDHCP(sockets)
}

// hearsDHCP reports a program that listens where DHCP servers do.
func hearsDHCP(sockets []plan.Socket) bool {
	return slices.ContainsFunc(sockets, func(s plan.Socket) bool { return s.Is(plan.Listen{Proto: "udp", Port: plan.DHCPPort}) })
}

// lends reports whether a DHCP server listens at an interface: one of the lab's, or a
// program of its node.
func (q *inquiry) lends(r plan.Ref) bool {
	l, err := q.snap.Link(r.Node, r.Link)
	running, err2 := q.Services(r.Node)
	if err != nil || err2 != nil || l.Taker() != "" {
		return false
	}
	if _, ok := relayAt(q, r); ok {
		return true
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
	return !own && err == nil && hearsDHCP(sockets)
}
