package why

import (
	"fmt"
	"net/netip"
	"strings"

	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// Way is the way of a request and of what comes back, by the state of the lab:
// lines for people, one for each node.
func Way(env *verb.Env, r Request) []string {
	q := inquire(env, r, "")
	lines := append([]string{"the request:"}, q.hops(q.Request)...)
	if q.Reply == nil || !q.Request.Arrived() && len(q.Request.Hops) == 1 { // its own kernel refuses
		return lines
	}
	what := "the reply:"
	switch {
	case q.Error != nil:
		what = "the ICMP error that comes back:"
	case q.Reset:
		what = "the reset that comes back:"
	}
	return append(append(lines, what), q.hops(*q.Reply)...)
}

// Commands are those of ip(8) that show the choice of each node on the way.
func Commands(env *verb.Env, r Request) []plan.Command {
	q := inquire(env, r, "")
	fates := []path.Fate{q.Request}
	if q.Reply != nil {
		fates = append(fates, *q.Reply)
	}
	var list []plan.Command
	for _, f := range fates {
		for _, h := range f.Hops {
			list = append(list, routeGet(h))
		}
	}
	return list
}

// routeGet is ip-route(8) for what a node looked up.
func routeGet(h path.Hop) plan.Command {
	words := []string{"ip", "route", "get", h.Query.Dst.String()}
	if h.Query.Src.IsValid() {
		words = append(words, "from", h.Query.Src.String())
	}
	if h.Query.IIf != "" {
		words = append(words, "iif", h.Query.IIf)
	}
	if h.Query.OIf != "" {
		words = append(words, "oif", h.Query.OIf)
	}
	return plan.Inside(h.Node, words...)
}

// hops are lines about the nodes that had a packet.
func (q *inquiry) hops(f path.Fate) []string {
	width := 0
	for _, h := range f.Hops {
		width = max(width, len(h.Node))
	}
	var lines []string
	for i, h := range f.Hops {
		text := q.came(h)
		switch _, arrived := f.End.(path.Delivered); {
		case i+1 < len(f.Hops):
			text += q.left(h)
		case arrived:
			text += ", has the address"
		default:
			text += ", and gets no further"
		}
		lines = append(lines, fmt.Sprintf("  %-*s  %s", width, h.Node, text))
	}
	return lines
}

// came is how a node got a packet, and what it changed before it chose the route.
func (q *inquiry) came(h path.Hop) string {
	text := "in by " + h.In
	if h.Query.IIf == "" {
		text = "sends to " + h.Packet.Dst.String()
		if src := sourceOf(h); src.IsValid() {
			text = fmt.Sprintf("sends %s -> %s", src, h.Packet.Dst)
		}
	}
	return text + translations(h, false)
}

// sourceOf is the source of a node's own packet, if it has one yet.
func sourceOf(h path.Hop) netip.Addr {
	if h.Query.Src.IsValid() {
		return h.Query.Src
	}
	return h.Route.Src
}

// left is how a packet left a node, and by what it was decided.
func (q *inquiry) left(h path.Hop) string {
	return fmt.Sprintf(", out by %s to %s (%s)%s", h.Out, h.Next, q.choice(h), translations(h, true))
}

// choice is the route of a node, and the policy rule that led to it.
func (q *inquiry) choice(h path.Hop) string {
	rule, route := path.Decider(q.snap, h.Node, h.Query)
	by := "route " + routeWords(route)
	if rule != (plan.Rule{}) {
		by += ", by its rule: " + ruleWords(rule)
	}
	return by
}

// translations are the changes of a packet's destination or source.
func translations(h path.Hop, source bool) string {
	text, what := "", "destination"
	if source {
		what = "source"
	}
	for _, n := range h.NAT {
		if n.Source == source {
			text += fmt.Sprintf(", %s %s becomes %s (%s)", what, spot(n.From), spot(n.To), ruleText(n.Rule))
		}
	}
	return text
}

// spot is an address, and its port where it has one.
func spot(a netip.AddrPort) string {
	if a.Port() == 0 {
		return a.Addr().String()
	}
	return a.String()
}

// ruleText is a rule of the packet filter as its statement, or as nft(8) has it.
func ruleText(r plan.NftRule) string {
	if r.Comment != "" {
		return r.Comment
	}
	return strings.TrimSpace(r.String())
}
