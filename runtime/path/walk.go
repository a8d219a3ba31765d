package path

import (
	"errors"
	"net/netip"
	"strings"
	"syscall"

	"nsl/runtime/plan"
)

// Ask follows a packet from a node, and what comes back. Dev is the interface
// that it must leave by, or "".
func Ask(v plan.View, node string, p Packet, dev string) Exchange {
	j := &journey{Snapshot: Of(v)}
	x := Exchange{Request: j.follow(node, p, dev)}
	j.back = true
	switch icmp, complains := complaint(x.Request.End, p.Dst.Is6()); {
	case x.Request.Arrived():
		x.send(j, x.Request.Packet.reply())
	case complains:
		x.Error = &icmp
		back := x.Request.Packet.reply()
		back.Src, back.Proto = j.complainer(x.Request), "icmp"
		x.Error.From = back.Src
		x.send(j, back)
	case x.Request.reset():
		x.Reset = true
		x.send(j, x.Request.Packet.reply())
	}
	return x
}

func (x *Exchange) send(j *journey, p Packet) {
	dev := ""
	if p.Dst.Is6() && p.Dst.IsLinkLocalUnicast() {
		dev = x.Request.Hops[len(x.Request.Hops)-1].In
	}
	fate := j.follow(x.Request.Node(), p, dev)
	x.Reply = &fate
}

// journey follows the packets of one conversation.
type journey struct {
	*Snapshot
	// nat is what the nodes translated on the way there, as their connection
	// tracking remembers it.
	nat []translation
	// back: what is followed goes back.
	back bool
}

// complainer is the address that an ICMP error is sent from: that of the router on
// its way to the source, or the source's own.
func (j *journey) complainer(f Fate) netip.Addr {
	if f.own() {
		return f.Packet.Src
	}
	r, err := j.RouteTo(f.Node(), plan.RouteQuery{Dst: f.Packet.Src})
	if err != nil {
		return netip.Addr{}
	}
	return r.Src
}

// follow takes a packet from hop to hop until it ends.
func (j *journey) follow(node string, p Packet, dev string) Fate {
	if p.TTL == 0 {
		p.TTL = defaultTTL
	}
	f := Fate{Packet: p}
	at := plan.Ref{Node: node}
	for f.End == nil {
		f.Hops = append(f.Hops, Hop{Node: at.Node, In: at.Link, Packet: f.Packet})
		at, f.End = j.hop(&f, dev)
		dev = ""
	}
	return f
}

// hop is what the node does with the packet that has come to it.
func (j *journey) hop(f *Fate, dev string) (plan.Ref, End) {
	h, p := &f.Hops[len(f.Hops)-1], &f.Packet
	if end := j.route(h, p, dev); end != nil {
		return plan.Ref{}, end
	}
	if h.Route.Kind == "local" {
		return plan.Ref{}, j.deliver(h, *p)
	}
	h.Out = h.Route.Hops[0].Dev
	if end := j.pass(f, h, p); end != nil {
		return plan.Ref{}, end
	}
	h.Next = h.Route.Hops[0].Via
	if !h.Next.IsValid() {
		h.Next = p.Dst
	}
	j.translateSource(h, p)
	next, end := j.neighbour(h, p.Src)
	if end == nil {
		end = j.fits(h, next, p.Size)
	}
	return next, end
}

// route finds the packet's route. One of the node's own has a source before its
// destination is translated (ip_route_me_harder).
func (j *journey) route(h *Hop, p *Packet, dev string) End {
	if h.In != "" {
		j.translateDest(h, p)
		return j.choose(h, p, dev)
	}
	if end := j.choose(h, p, dev); end != nil {
		return end
	}
	if !p.Src.IsValid() {
		p.Src = h.Route.Src
	}
	if j.translateDest(h, p); len(h.NAT) == 0 {
		return nil
	}
	return j.choose(h, p, dev)
}

func (j *journey) choose(h *Hop, p *Packet, dev string) End {
	h.Query = plan.RouteQuery{Dst: p.Dst, Src: p.Src, IIf: h.In, OIf: dev, Mark: p.Mark}
	r, err := j.RouteTo(h.Node, h.Query)
	if err != nil {
		return j.refusal(h, err)
	}
	h.Route = r
	return nil
}

// pass is what a node does before it sends a packet out: its own, or one that
// came in.
func (j *journey) pass(f *Fate, h *Hop, p *Packet) End {
	if h.In == "" {
		return j.filter(h, *p, plan.Output.Hook)
	}
	if key, forwards := j.forwards(h.Node, h.In, p.Dst.Is6()); !forwards {
		return NotForwarding{h.Node, h.In, key}
	}
	if p.TTL--; p.TTL <= 0 {
		return Expired{h.Node, f.loop()}
	}
	return j.filter(h, *p, plan.Forward.Hook)
}

// deliver hands a packet to its node.
func (j *journey) deliver(h *Hop, p Packet) End {
	if h.In == "" {
		h.In, h.Out = plan.Loopback, plan.Loopback
		if end := j.filter(h, p, plan.Output.Hook); end != nil {
			return end
		}
		if lo, err := j.Link(h.Node, plan.Loopback); err == nil && !lo.Up {
			return Down{plan.Ref{Node: h.Node, Link: plan.Loopback}}
		}
	}
	if end := j.filter(h, p, plan.Input.Hook); end != nil {
		return end
	}
	key := "net.ipv4.icmp_echo_ignore_all"
	if p.Dst.Is6() {
		key = "net.ipv6.icmp.echo_ignore_all"
	}
	if p.Proto == "icmp" && !j.back && j.on(h.Node, key) {
		return EchoIgnored{h.Node, key}
	}
	return Delivered{h.Node, h.In}
}

// forwards reports whether a node passes on what comes in by an interface, and the
// setting that says so. In IPv6 it is one of the node (ip6_forward); kernels since
// 6.17 have one of the interface besides.
func (s *Snapshot) forwards(node, in string, six bool) (key string, ok bool) {
	if !six {
		key = "net.ipv4.conf." + settingName(in) + ".forwarding"
		return key, s.on(node, key)
	}
	key = "net.ipv6.conf.all.forwarding"
	return key, s.on(node, key) || s.on(node, "net.ipv6.conf."+settingName(in)+".force_forwarding")
}

// on reports whether a setting is there and not 0.
func (s *Snapshot) on(node, key string) bool {
	value, err := s.Sysctl(node, key)
	return err == nil && value != "0" && value != ""
}

// settingName is an interface's name inside a key: a dot is written as a slash.
func settingName(link string) string { return strings.ReplaceAll(link, ".", "/") }

// refusal is the end of a packet for which the node has no route.
func (j *journey) refusal(h *Hop, err error) End {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return Unknown{h.Node, err}
	}
	// In IPv6 the route is looked for first, and a refusal says so whatever else.
	if h.In != "" && h.Query.Dst.Is4() && !j.isOwn(h.Node, h.Query.Dst) {
		if key, ok := j.forwards(h.Node, h.In, false); !ok {
			return NotForwarding{h.Node, h.In, key}
		}
	}
	if errno == syscall.ENETUNREACH {
		return NoRoute{h.Node, h.Query.Dst}
	}
	refused := Refused{Node: h.Node, Dst: h.Query.Dst, Errno: errno}
	refused.Rule, refused.Route = j.decider(h.Node, h.Query)
	if refused.Route.Kind == plan.Unicast && h.In != "" && h.Query.Dst.Is4() && errno == syscall.EINVAL {
		return j.badSource(h)
	}
	return refused
}

// own reports whether the packet ended in the node that sent it.
func (f Fate) own() bool { return len(f.Hops) == 1 }

// reset reports whether it ended with a reset of its connection.
func (f Fate) reset() bool {
	e, ok := f.End.(Filtered)
	return ok && e.Rule.Verdict == "reject" && e.Rule.Proto == "tcp"
}

// loop are the nodes between which the packet went round, the first one again at
// the end.
func (f Fate) loop() []string {
	at := map[string]int{}
	for i, h := range f.Hops {
		first, seen := at[h.Node]
		if !seen {
			at[h.Node] = i
			continue
		}
		var nodes []string
		for _, h := range f.Hops[first : i+1] {
			nodes = append(nodes, h.Node)
		}
		return nodes
	}
	return nil
}
