package foreign

import (
	"net/netip"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

func ipRoute(s *ipState) bool {
	list := []string{"list", "show", "lst", "get", "add", "change", "chg", "replace", "prepend", "append", "test", "delete", "flush", "save", "restore", "showdump", "help"}
	c, ok := s.command(list...)
	if !ok {
		if _, isPrefix := destination(s.peek(), s.v6); isPrefix {
			s.insert(s.args[0], "add")
			c = "add"
		} else {
			c = s.mistypedCommand(list)
		}
	}
	switch c {
	case "show", "list", "lst":
		return s.read("routes")
	case "get":
		return s.routeGet()
	case "add", "delete", "replace", "change", "chg":
		return s.route(c)
	case "":
		return true
	}
	return false
}

func (s *ipState) routeGet() bool {
	if s.peek() == "to" {
		s.next()
	}
	w, ok := s.next()
	if !ok {
		return s.fail(s.last(), "route get: the address is missing")
	}
	_, err := netip.ParseAddr(w.text)
	switch {
	case len(s.args) > 0:
		return s.only()
	case err != nil:
		return s.badAddress(w)
	}
	return s.expect("route " + s.node + " -> " + w.text)
}

// aRoute is a route as its words have it.
type aRoute struct {
	src                           string
	kind, dst, dev, metric, table string
	mtu, proto                    string
	via                           []string
	// hops are the ways of a route with nexthop, as nsl has them.
	hops          []string
	onlink, other bool
}

// destination reads DEST of a route as ip does: an address, a prefix, 10.9/16, default.
func destination(text string, v6 bool) (string, bool) {
	switch {
	case text == "default" || text == "any" || text == "all":
		if v6 {
			return "::/0", true
		}
		return "default", true
	case text == "0/0" || text == "0.0.0.0/0":
		return "default", true
	}
	if p, ok := prefixOf(text); ok {
		return p.String(), true
	}
	a, bits, found := strings.Cut(text, "/")
	if parts := strings.Split(a, "."); found && len(parts) < 4 && strings.Trim(a, "0123456789.") == "" {
		p, err := netip.ParsePrefix(a + strings.Repeat(".0", 4-len(parts)) + "/" + bits)
		return p.String(), err == nil
	}
	return "", false
}

func (s *ipState) route(c string) bool {
	r, wrong := &aRoute{}, false
	known := s.options(s.routeOptions(r), func(w word) bool {
		switch {
		case r.dst != "":
			return s.forgottenDev(r, w)
		case slices.Contains([]string{"unicast", "blackhole", "unreachable", "prohibit"}, w.text) && r.kind == "":
			r.kind = strings.TrimPrefix(w.text, "unicast")
			return true
		case slices.Contains([]string{"local", "throw", "broadcast", "multicast", "anycast", "nat"}, w.text):
			r.other = true // only ip makes such routes
			return true
		case w.text == "to" || w.text == "add":
			return w.text == "to"
		}
		dst, ok := destination(w.text, s.v6)
		if r.dst = dst; !ok {
			if near := nearWord(w.text, []string{"default"}); near != "" {
				s.fix(w, near)
				r.dst, ok = near, true
			}
		}
		wrong = wrong || !ok && s.badAddress(w)
		return true
	})
	switch {
	case !known || r.other:
		return false
	case wrong || s.failed != nil:
		return true
	case r.dst == "":
		return s.fail(s.last(), "route %s: the destination is missing: a subnet, or default", c)
	case c == "add" && r.kind == "" && r.dev == "" && len(r.via)+len(r.hops) == 0:
		return s.fail(s.last(), "route add: the gateway is missing: via ADDRESS, or dev NAME")
	}
	return s.doRoute(c, r)
}

// forgottenDev is an address whose "via", or an interface whose "dev" was forgotten.
func (s *ipState) forgottenDev(r *aRoute, w word) bool {
	_, isAddr := prefixOf(w.text)
	switch {
	case (w.text == "gw" || w.text == "gateway") && len(s.args) > 0 && len(r.via) == 0:
		s.fix(w, "via")
		gateway, _ := s.next()
		r.via = append(r.via, gateway.text)
	case isAddr && len(r.via) == 0:
		s.insert(w, "via")
		r.via = append(r.via, w.text)
	case r.dev == "" && s.hasLink(s.node, w.text) && !s.lab.Uncertain():
		s.insert(w, "dev")
		r.dev = w.text
	default:
		return false
	}
	return true
}

func (s *ipState) routeOptions(r *aRoute) []option {
	return append([]option{
		{"via", func(o word) {
			if p := s.peek(); p == "inet" || p == "inet6" {
				s.next()
			}
			r.via = append(r.via, s.gateway(o))
		}},
		{"dev", func(o word) {
			if w, ok := s.next(); ok {
				r.dev = s.linkName(s.node, w)
			} else {
				s.fail(o, "route: the interface is missing after dev")
			}
		}},
		s.text("metric", &r.metric), s.text("preference", &r.metric), s.text("priority", &r.metric),
		s.text("src", &r.src),
		{"table", func(o word) { r.table = tableNumber(s.value(o)) }},
		{"proto", func(o word) { r.other = !r.madeBy(s.value(o)) || r.other }},
		{"protocol", func(o word) { r.other = !r.madeBy(s.value(o)) || r.other }},
		{"scope", func(o word) {
			r.other = s.value(o) != map[bool]string{true: "link", false: "global"}[len(r.via) == 0] || r.other
		}},
		flag("onlink", &r.onlink),
		{"mtu", func(o word) {
			if s.peek() == "lock" {
				s.next()
				r.mtu = "lock "
			}
			r.mtu += s.value(o)
		}},
		{"nexthop", func(word) { r.other = !s.nextHop(r) || r.other }},
	}, only("advmss", "tos", "dsfield", "weight", "encap", "pref", "window", "rtt", "cwnd",
		"initcwnd", "initrwnd", "realm", "vrf", "nhid", "expires", "from", "hoplimit", "features", "congctl")...)
}

// madeBy notes who is said to have made the route; false for what only ip writes.
func (r *aRoute) madeBy(proto string) bool {
	r.proto = strings.TrimPrefix(proto, "boot")
	return proto == "boot" || slices.Contains(plan.RouteProtos(), proto)
}

// nextHop reads what follows nexthop; false for what only ip makes.
func (s *ipState) nextHop(r *aRoute) bool {
	text, via, dev, onlink := "", "", "", ""
	for {
		switch p := s.peek(); p {
		case "via":
			o, _ := s.next()
			if p := s.peek(); p == "inet" || p == "inet6" {
				s.next()
			}
			via = " via " + s.gateway(o)
		case "dev":
			o, _ := s.next()
			w, ok := s.next()
			if !ok {
				return s.fail(o, "route: the interface is missing after dev")
			}
			dev = " dev " + s.linkName(s.node, w)
		case "weight":
			o, _ := s.next()
			if text = s.value(o); number(text) < 1 || number(text) > 256 {
				return false
			}
			text = " weight " + text
		case "onlink":
			s.next()
			onlink = " onlink"
		default:
			r.hops = append(r.hops, via+dev+onlink+text)
			return via != ""
		}
	}
}

// gateway is the address after via; a length that does not belong there is taken off.
func (s *ipState) gateway(o word) string {
	if len(s.args) == 0 {
		return s.value(o)
	}
	w, _ := s.next()
	a, length, has := strings.Cut(w.text, "/")
	if _, err := netip.ParseAddr(a); has && err == nil && length != "" {
		s.fix(w, a)
		return a
	}
	return w.text
}

func tableNumber(name string) string {
	switch name {
	case "main":
		return ""
	case "default":
		return "253"
	case "local":
		return "255"
	}
	return name
}
