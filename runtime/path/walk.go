package path

import (
	"errors"
	"slices"
	"syscall"

	"nsl/runtime/plan"
	"nsl/runtime/ruleset"
)

// follow takes a packet from hop to hop until it ends.
func (j *journey) follow(node string, p Packet, dev string) Fate {
	f := Fate{Packet: p}
	j.doubts = nil
	at := plan.Ref{Node: node}
	for f.End == nil {
		if at.Node != j.untrackedAt {
			j.untrackedAt = ""
		}
		f.Hops = append(f.Hops, Hop{Node: at.Node, In: at.Link, Packet: f.Packet})
		at, f.End = j.hop(&f, dev)
		dev = ""
	}
	f.Doubts = j.doubts
	return f
}

// hop is what the node does with the packet that has come to it.
func (j *journey) hop(f *Fate, dev string) (plan.Ref, End) {
	h, p := &f.Hops[len(f.Hops)-1], &f.Packet
	if end := j.route(h, p, dev); end != nil {
		return plan.Ref{}, end
	}
	if h.Route.Kind == "local" {
		return plan.Ref{}, j.deliver(h, p)
	}
	if end := j.misrouted(h, p); end != nil {
		return plan.Ref{}, end
	}
	h.Out = h.Route.Hops[0].Dev
	if end := j.pass(f, h, p); end != nil {
		return plan.Ref{}, end
	}
	h.Next = h.Route.Hops[0].Via
	if !h.Next.IsValid() {
		h.Next = p.Dst
	}
	if end := j.postrouting(h, p); end != nil {
		return plan.Ref{}, end
	}
	next, end := j.neighbour(h, p.Src)
	if end == nil {
		p.fragment(j.link(h.Node, h.Out).MTU, h.In == "")
		end = j.send(h, *p, next)
	}
	return next, end
}

// route finds the packet's route, after the hooks before it. One of the node's own has
// a source before its destination is translated, and its route is chosen again where a
// rule changed that or its mark (ip_route_me_harder).
func (j *journey) route(h *Hop, p *Packet, dev string) End {
	if h.In != "" {
		if end := j.prerouting(h, p); end != nil {
			return end
		}
		return j.choose(h, p, dev)
	}
	if end := j.choose(h, p, dev); end != nil {
		return end
	}
	if !p.Src.IsValid() {
		p.Src = h.Route.Src
	}
	if p.TTL == 0 {
		p.TTL, h.ttlKey = j.hopLimit(h)
	}
	h.ttl = p.TTL
	if end := j.leaves(h, p); end != nil {
		return end
	}
	before := *p
	if end := j.output(h, p); end != nil {
		return end
	}
	if p.Dst == before.Dst && p.Mark == before.Mark {
		return nil
	}
	return j.choose(h, p, dev)
}

func (j *journey) choose(h *Hop, p *Packet, dev string) End {
	h.Query = j.query(h, p, dev)
	r, err := j.RouteTo(h.Node, h.Query)
	if err != nil {
		if end := j.unlocal(h.Node, p.Dst); end != nil {
			return end
		}
		return j.refusal(h, err)
	}
	h.Route = r
	return nil
}

// query is a packet as the choice of its route sees it; its protocol and ports count
// only where a rule asks for them.
func (j *journey) query(h *Hop, p *Packet, dev string) plan.RouteQuery {
	q := plan.RouteQuery{Dst: p.Dst, Src: p.Src, IIf: h.In, OIf: dev, Mark: p.Mark}
	rules, _ := j.Rules(h.Node)
	if !slices.ContainsFunc(rules, func(r plan.Rule) bool { return r.Proto != "" }) {
		return q
	}
	if q.Proto = p.Proto; q.Proto == "icmp" && p.Dst.Is6() {
		q.Proto = "ipv6-icmp"
	}
	q.SPort, q.DPort = p.SrcPort, p.DstPort
	return q
}

// prerouting is what a node does with a packet before it looks for its route.
func (j *journey) prerouting(h *Hop, p *Packet) End {
	j.known(h, p, false)
	return j.ask(h, p, j.at(h, plan.Prerouting.Hook), func(out ruleset.Outcome) { j.translate(h, p, out) })
}

// output is what a node does with a packet of its own.
func (j *journey) output(h *Hop, p *Packet) End {
	j.known(h, p, false)
	if len(h.Route.Hops) > 0 {
		h.Out = h.Route.Hops[0].Dev
	} else {
		h.Out = plan.Loopback
	}
	end := j.ask(h, p, j.at(h, plan.Output.Hook), func(out ruleset.Outcome) { j.translate(h, p, out) })
	if end == nil {
		h.Out = ""
	}
	return end
}

// postrouting is what a node does with a packet that is about to leave.
func (j *journey) postrouting(h *Hop, p *Packet) End {
	end := j.ask(h, p, j.at(h, plan.Postrouting.Hook), func(out ruleset.Outcome) { j.translate(h, p, out) })
	j.known(h, p, true)
	return end
}

// pass is what a node does with a packet that came in, before it sends it out.
func (j *journey) pass(f *Fate, h *Hop, p *Packet) End {
	if h.In == "" {
		return nil
	}
	if j.tracks(h.Node) && p.Dst.Is4() {
		p.PieceSize = 0
	}
	if end := j.policed(h, p, "fwd"); end != nil {
		return end
	}
	if key, forwards := j.forwards(h.Node, h.In, p.Dst.Is6()); !forwards {
		return NotForwarding{h.Node, h.In, key}
	}
	if p.TTL--; p.TTL <= 0 {
		return Expired{h.Node, f.loop(), f.Hops[0].ttl, f.Hops[0].ttlKey}
	}
	if end := j.policed(h, p, "out"); end != nil {
		return end
	}
	mtu := j.link(h.Node, h.Out).MTU
	if h.Route.MTULock {
		mtu = min(mtu, h.Route.MTU)
	}
	if mtu > 0 && p.piece() > mtu && (p.DontFragment || p.Dst.Is6()) {
		return Unfragmented{h.Node, h.Out, mtu, p.piece(), h.Route.MTULock && mtu == h.Route.MTU}
	}
	return j.ask(h, p, j.at(h, plan.Forward.Hook), nil)
}

// deliver hands a packet to its node.
func (j *journey) deliver(h *Hop, p *Packet) End {
	if h.In == "" {
		if end := j.loop(h, p); end != nil {
			return end
		}
	}
	p.PieceSize = 0
	if end := j.ask(h, p, j.at(h, plan.Input.Hook), func(out ruleset.Outcome) { j.translate(h, p, out) }); end != nil {
		return end
	}
	if end := j.policed(h, p, "in"); end != nil {
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

// loop takes a packet of the node's own to itself, over its loopback.
func (j *journey) loop(h *Hop, p *Packet) End {
	h.In, h.Out = plan.Loopback, plan.Loopback
	if lo, err := j.Link(h.Node, plan.Loopback); err == nil && !lo.Up {
		return Down{plan.Ref{Node: h.Node, Link: plan.Loopback}}
	}
	if end := j.ask(h, p, j.at(h, plan.Postrouting.Hook), nil); end != nil {
		return end
	}
	return j.ask(h, p, j.at(h, plan.Prerouting.Hook), nil)
}

// forwards reports whether a node passes on what comes in by an interface, and the
// setting that says so. In IPv6 it is one of the node (ip6_forward); kernels since
// 6.17 have one of the interface besides.
func (s *Snapshot) forwards(node, in string, six bool) (key string, ok bool) {
	if !six {
		key = "net.ipv4.conf." + plan.SettingName(in) + ".forwarding"
		return key, s.on(node, key)
	}
	key = "net.ipv6.conf.all.forwarding"
	return key, s.on(node, key) || s.on(node, "net.ipv6.conf."+plan.SettingName(in)+".force_forwarding")
}

// on reports whether a setting is there and not 0.
func (s *Snapshot) on(node, key string) bool {
	value, err := s.Sysctl(node, key)
	return err == nil && value != "0" && value != ""
}

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
	if h.In != "" && h.Query.Dst.IsLoopback() {
		return Martian{h.Node, h.In, h.Query.Dst, "net.ipv4.conf." + plan.SettingName(h.In) + ".route_localnet"}
	}
	if h.In == "" && h.Query.Src.IsValid() && !j.isOwn(h.Node, h.Query.Src) {
		return ForeignSource{h.Node, h.Query.Src}
	}
	refused := Refused{Node: h.Node, Dst: h.Query.Dst, Errno: errno}
	refused.Rule, refused.Route = j.decider(h.Node, h.Query)
	if errno == syscall.ENETUNREACH && refused.Rule.Kind == "" {
		return NoRoute{h.Node, h.Query.Dst}
	}
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
	return ok && e.Frame == "" && e.Rule.Verdict == "reject" && e.Rule.Proto == "tcp"
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
