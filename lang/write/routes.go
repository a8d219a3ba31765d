package write

import (
	"slices"
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// route is a route, or its deletion; what a script has no words for is a comment.
func (w *writer) route(verb, node string, r plan.Route) {
	if r.Src.IsValid() && r.Kind != plan.Unicast || slices.Contains([]string{"throw", "local", "broadcast", "anycast", "multicast"}, r.Kind) {
		w.none(w.ops[w.at])
		return
	}
	dst := r.Dst.String()
	if r.Dst.Bits() == 0 && r.Dst.Addr().Is4() {
		dst = "default"
	}
	text := verb + " " + Word(node) + " "
	if r.Kind != plan.Unicast {
		text += r.Kind + " "
	}
	text += dst
	text += ways(verb, r)
	if r.Src.IsValid() {
		text += " src " + r.Src.String()
	}
	switch {
	case r.MTULock:
		text += " mtu lock " + strconv.Itoa(r.MTU)
	case r.MTU != 0:
		text += " mtu " + strconv.Itoa(r.MTU)
	}
	if r.Metric != 0 && r.Metric != defaultMetric(r, verb) {
		text += " metric " + strconv.Itoa(r.Metric)
	}
	if r.Table != 0 && r.Table != plan.MainTable {
		text += " table " + strconv.Itoa(r.Table)
	}
	if verb == "route" && slices.Contains(plan.RouteProtos(), r.Proto) {
		text += " proto " + r.Proto
	}
	w.add(text)
}

// ways are the gateways and interfaces of a route.
func ways(verb string, r plan.Route) string {
	text := ""
	for _, h := range r.Hops {
		if h.Via.IsValid() {
			text += " via " + h.Via.String()
		}
		if h.Dev != "" && (!h.Via.IsValid() || len(r.Hops) > 1 || h.Via.IsLinkLocalUnicast() || h.OnLink || verb != "route") {
			text += " dev " + Word(h.Dev)
		}
		if h.OnLink {
			text += " onlink"
		}
		if h.Weight > 1 {
			text += " weight " + strconv.Itoa(h.Weight)
		}
	}
	return text
}

// defaultMetric is the one that needs no word: 0, and that of the routes that the kernel
// makes, or of an IPv6 route that is deleted.
func defaultMetric(r plan.Route, verb string) int {
	if verb != "route" && r.Dst.Addr().Is6() {
		return 1024
	}
	return 0
}

// rule is a policy rule, or its deletion. One that names no address is for both families
// where both have it.
func (w *writer) rule(verb, node string, r plan.Rule) {
	text := verb + " " + Word(node)
	twin := r
	twin.V6 = !r.V6
	both := w.take(func(op plan.Op) bool {
		add, isAdd := op.(plan.AddRule)
		del, isDel := op.(plan.DelRule)
		return verb == "rule" && isAdd && add.Node == node && add.Rule == twin ||
			verb != "rule" && isDel && del.Node == node && del.Rule == twin
	})
	free := !r.From.IsValid() && !r.To.IsValid() && len(both) == 0
	add := func(has bool, word string, value string) {
		if has {
			text += " " + strings.TrimSpace(word+" "+value)
		}
	}
	add(r.Not, "not", "")
	add(r.From.IsValid(), "from", r.From.String())
	add(free && r.V6, "from", "::/0")
	add(free && !r.V6, "from", "0.0.0.0/0")
	add(r.To.IsValid(), "to", r.To.String())
	add(r.IIf != "", "iif", Word(r.IIf))
	add(r.OIf != "", "oif", Word(r.OIf))
	add(r.FWMark != 0, "fwmark", strconv.FormatUint(uint64(r.FWMark), 10))
	add(r.Proto != "", "ipproto", r.Proto)
	add(r.SPort != plan.PortRange{}, "sport", r.SPort.String())
	add(r.DPort != plan.PortRange{}, "dport", r.DPort.String())
	add(r.Kind != "", r.Kind, "")
	add(r.Kind == "", "table", strconv.Itoa(r.Table))
	add(r.Suppress != 0, "suppress_prefixlength", strconv.Itoa(r.Suppress-1))
	add(r.Priority != 0, "priority", strconv.Itoa(r.Priority))
	w.add(text, both...)
}

// The keys of forwarding, as runtime/state has them.
const (
	forward4 = "net.ipv4.ip_forward"
	forward6 = "net.ipv6.conf.all.forwarding"
)

// sysctl is forward where a node's forwarding of both families changes.
func (w *writer) sysctl(o plan.SetSysctl) {
	other := map[string]string{forward4: forward6, forward6: forward4}[o.Key]
	if other != "" && (o.Value == "0" || o.Value == "1") {
		both := w.take(func(op plan.Op) bool {
			p, ok := op.(plan.SetSysctl)
			return ok && p.Node == o.Node && p.Key == other && p.Value == o.Value
		})
		if len(both) > 0 {
			w.add("forward "+Word(o.Node)+map[string]string{"0": " off"}[o.Value], both...)
			return
		}
	}
	w.add("sysctl " + Word(o.Node) + " " + Word(o.Key+"="+o.Value))
}
