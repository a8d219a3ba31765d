package why

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"syscall"

	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// maxHops bounds the walk along a path; a loop of routes ends there.
const maxHops = 64

// NoReply is unanswered for an echo request.
func NoReply(view verb.Lab, q plan.Ping, to string, r plan.PingReply) (why, fix string) {
	return unanswered(view, q.Node, to, packet{dst: q.To, proto: "icmp"}, r.Err)
}

// Unconnected is unanswered for a connection or a datagram.
func Unconnected(view verb.Lab, to string, c plan.Connect, e plan.PingError) (why, fix string) {
	return unanswered(view, c.Node, to, packetOf(c), e)
}

// unanswered walks the way of a request, and then of the reply, through the
// lab's routing tables, packet filters and NAT, and names the first thing that
// stops it. To is the target as the script has it.
func unanswered(view verb.Lab, node, to string, p packet, e plan.PingError) (why, fix string) {
	if TableFull(e) {
		return "the kernel's table of neighbours is full; it is one for all network namespaces of this machine (net.ipv4.neigh.default.gc_thresh3)",
			"run fewer labs at once or, as root on the machine: sysctl -w net.ipv4.neigh.default.gc_thresh3=16384 net.ipv6.neigh.default.gc_thresh3=16384"
	}
	w := walk{lab: view, to: to, packet: p}
	reached := w.follow(node)
	if w.why == "" && reached != "" && w.src.IsValid() {
		w.back, w.to = true, node
		w.src, w.dst = w.dst, w.src
		w.follow(reached)
	}
	if w.why == "" {
		w.foreign(append(w.via, node, reached))
	}
	if w.why == "" && e.From.IsValid() {
		w.why = e.From.String() + " refuses"
	}
	return w.why, w.fix
}

// TableFull tells a packet that the kernel had no neighbour entry for: other
// labs on the machine use the same table, so that it may pass a moment later
// (net/core/neighbour.c, neigh_alloc).
func TableFull(e plan.PingError) bool { return e.Errno == syscall.ENOBUFS }

// walk is one way through the lab.
type walk struct {
	lab  verb.Lab
	to   string
	back bool
	packet
	// nat are the sources that were masqueraded on the way there.
	nat      []masqueraded
	via      []string
	why, fix string
	// filtered tells that a rule of the packet filter is the reason.
	filtered bool
}

func (w *walk) stop(why, fix string) {
	if w.why == "" {
		w.why, w.fix = why, fix
	}
}

// follow takes the packet from node to its destination, hop by hop. It returns
// the node that has it.
func (w *walk) follow(node string) (reached string) {
	for hop, in := 0, ""; hop < maxHops; hop++ {
		w.translate(node, in)
		if w.owns(node, w.dst) {
			if w.dropped(hookAt{node, plan.Input.Hook, in, ""}) {
				return ""
			}
			return node
		}
		next, ok := w.pass(node, in)
		if !ok {
			return ""
		}
		if hop > 0 {
			w.via = append(w.via, node)
		}
		node, in = next.Node, next.Link
	}
	w.stop(fmt.Sprintf("the routes lead in a circle: %s …", strings.Join(w.via[:min(4, len(w.via))], " -> ")), "compare: show routes")
	return ""
}

// pass sends the packet on, from its sender (no in) or a router.
func (w *walk) pass(node, in string) (next plan.Ref, ok bool) {
	hook := plan.Output.Hook
	if in != "" {
		hook = plan.Forward.Hook
		if !w.forwards(node, w.dst) {
			return plan.Ref{}, false
		}
	}
	route, err := w.lab.RouteTo(node, plan.RouteQuery{Dst: w.dst})
	if err != nil {
		w.noRoute(node, w.dst, err)
		return plan.Ref{}, false
	}
	if in == "" && !w.back {
		w.src = route.Src
	}
	out := ""
	if len(route.Hops) > 0 {
		out = route.Hops[0].Dev
	}
	if w.dropped(hookAt{node, hook, in, out}) {
		return plan.Ref{}, false
	}
	w.masquerade(node, out, route)
	return w.nextHop(node, w.dst, route)
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
	key := lab.ForwardingKey(dst.Is6())
	v, err := w.lab.Sysctl(node, key)
	if err == nil && v == "0" {
		w.stop(fmt.Sprintf("%s gets the packet but does not pass it on: %s is 0", node, key), "let it: forward "+node)
		return false
	}
	return true
}

// nextHop is the interface that a route hands the packet to.
func (w *walk) nextHop(node string, dst netip.Addr, route plan.Route) (plan.Ref, bool) {
	if len(route.Hops) == 0 {
		return plan.Ref{}, false
	}
	hop := route.Hops[0]
	if !w.usable(node, hop.Dev) {
		return plan.Ref{}, false
	}
	gw := dst
	if hop.Via.IsValid() {
		gw = hop.Via
	}
	book, err := w.lab.Book()
	if err != nil {
		return plan.Ref{}, false
	}
	owners := book.At(gw)
	for _, o := range owners {
		if path.SameSegment(w.lab, plan.Ref{Node: node, Link: hop.Dev}, o) {
			return o, w.usable(o.Node, o.Link)
		}
	}
	w.nobody(node, hop, gw, owners)
	return plan.Ref{}, false
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
