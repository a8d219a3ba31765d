package stdlib

import (
	"fmt"
	"net/netip"
	"slices"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// maxHops bounds the walk along a path; a loop of routes ends there.
const maxHops = 64

// whyNoReply walks the way of the request, and then of the reply, through the
// lab's routing tables and names the first thing that stops it.
func whyNoReply(lab verb.Lab, q plan.Ping, to string, r plan.PingReply) (why, mend string) {
	w := walk{lab: lab, to: to}
	src, reached := w.follow(q.Node, q.To)
	if w.why == "" && reached != "" && src.IsValid() {
		w.back = true
		w.to = q.Node
		w.follow(reached, w.translated(q, src))
	}
	if w.why == "" && r.Err.From.IsValid() {
		w.why = r.Err.From.String() + " refuses"
	}
	return w.why, w.mend
}

// walk is one way through the lab.
type walk struct {
	lab       verb.Lab
	to        string
	back      bool
	via       []string
	why, mend string
}

func (w *walk) stop(why, mend string) {
	if w.why == "" {
		w.why, w.mend = why, mend
	}
}

// follow goes from node towards dst, hop by hop. It returns the address that
// the first hop sends from and the node that has dst.
func (w *walk) follow(node string, dst netip.Addr) (src netip.Addr, reached string) {
	for hop := range maxHops {
		if w.owns(node, dst) {
			return src, node
		}
		if hop > 0 && !w.forwards(node, dst) {
			return src, ""
		}
		route, err := w.lab.RouteTo(node, dst)
		if err != nil {
			w.noRoute(node, dst, err)
			return src, ""
		}
		if hop == 0 {
			src = route.Src
		}
		next, ok := w.nextHop(node, dst, route)
		if !ok {
			return src, ""
		}
		if hop > 0 {
			w.via = append(w.via, node)
		}
		node = next
	}
	w.stop(fmt.Sprintf("the routes lead in a circle: %s …", join(w.via[:min(4, len(w.via))])), "compare: show routes")
	return src, ""
}

func (w *walk) owns(node string, a netip.Addr) bool {
	if a.IsLoopback() {
		return true
	}
	links, _ := w.lab.Links(node)
	return slices.ContainsFunc(links, func(l plan.Link) bool {
		return slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Addr() == a })
	})
}

// forwards checks that a node on the way passes packets on.
func (w *walk) forwards(node string, dst netip.Addr) bool {
	key := "net.ipv4.ip_forward"
	if dst.Is6() {
		key = "net.ipv6.conf.all.forwarding"
	}
	v, err := w.lab.Sysctl(node, key)
	if err == nil && v == "0" {
		w.stop(fmt.Sprintf("%s gets the packet but does not pass it on: %s is 0", node, key), "let it: forward "+node)
		return false
	}
	return true
}

// nextHop is the node that a route hands the packet to.
func (w *walk) nextHop(node string, dst netip.Addr, route plan.Route) (string, bool) {
	if len(route.Hops) == 0 {
		return "", false
	}
	hop := route.Hops[0]
	if !w.usable(node, hop.Dev) {
		return "", false
	}
	gw := dst
	if hop.Via.IsValid() {
		gw = hop.Via
	}
	book, err := w.lab.Book()
	if err != nil {
		return "", false
	}
	owners := book.At(gw)
	for _, o := range owners {
		if sameSegment(w.lab, plan.Ref{Node: node, Link: hop.Dev}, o) {
			if !w.usable(o.Node, o.Link) {
				return "", false
			}
			return o.Node, true
		}
	}
	w.nobody(node, hop, gw, owners)
	return "", false
}

func (w *walk) nobody(node string, hop plan.NextHop, gw netip.Addr, owners []plan.Ref) {
	dev := plan.Place(node, hop.Dev)
	if len(owners) == 0 {
		what := fmt.Sprintf("%s asks for %s behind %s, but nobody in the lab has that address", node, gw, dev)
		w.stop(what, "compare the addresses: show addrs")
		return
	}
	w.stop(fmt.Sprintf("%s asks for %s behind %s, but %s, which has it, is not connected there", node, gw, dev, owners[0].Node),
		fmt.Sprintf("the two share a subnet but no cable or bridge: link %s <-> %s", node, owners[0].Node))
}

// usable checks that an interface is up and its cable whole.
func (w *walk) usable(node, dev string) bool {
	l, err := w.lab.Link(node, dev)
	if err != nil {
		return true
	}
	place := plan.Place(node, dev)
	switch {
	case !l.Up:
		w.stop(place+" is down", "set it up: up "+place)
		return false
	case l.Kind == "veth" && !l.Carrier:
		if peer, err := w.lab.Peer(node, dev); err == nil {
			w.stop(fmt.Sprintf("the other end of the cable at %s is down", place), "set it up: up "+peer.String())
			return false
		}
	}
	return true
}

// sameSegment reports whether frames from one interface reach the other:
// through a cable, and bridges on the way.
func sameSegment(lab verb.Lab, from, to plan.Ref) bool {
	seen := map[plan.Ref]bool{from: true}
	queue := []plan.Ref{from}
	for len(queue) > 0 {
		r := queue[0]
		queue = queue[1:]
		if r == to {
			return true
		}
		for _, n := range adjacent(lab, r) {
			if !seen[n] {
				seen[n] = true
				queue = append(queue, n)
			}
		}
	}
	return false
}

// adjacent are the interfaces that share a cable or a bridge with one.
func adjacent(lab verb.Lab, r plan.Ref) []plan.Ref {
	var out []plan.Ref
	l, err := lab.Link(r.Node, r.Link)
	if err != nil {
		return nil
	}
	if peer, err := lab.Peer(r.Node, r.Link); err == nil {
		out = append(out, peer)
	}
	if l.Master != "" {
		out = append(out, plan.Ref{Node: r.Node, Link: l.Master})
	}
	if l.Kind == "bridge" {
		links, _ := lab.Links(r.Node)
		for _, p := range links {
			if p.Master == l.Name {
				out = append(out, plan.Ref{Node: r.Node, Link: p.Name})
			}
		}
	}
	return out
}

// translated is the source address that the target sees: that of the first
// router on the way that masquerades it.
func (w *walk) translated(q plan.Ping, src netip.Addr) netip.Addr {
	for _, node := range w.via {
		state, err := w.lab.Nft(node)
		if err != nil {
			continue
		}
		for _, r := range state.Rules {
			if r.Verdict == "masquerade" && r.Src.Contains(src) && !(r.NotDst && r.Dst.Contains(q.To)) {
				if route, err := w.lab.RouteTo(node, q.To); err == nil && route.Src.IsValid() {
					return route.Src
				}
			}
		}
	}
	return src
}

func join(list []string) string {
	text := ""
	for i, s := range list {
		if i > 0 {
			text += " -> "
		}
		text += s
	}
	return text
}
