package foreign

import (
	"slices"
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// doRoute says the statements of a route that was read.
func (s *ipState) doRoute(c string, r *aRoute) bool {
	if c == "delete" {
		text := "del route " + s.node + " " + r.dst
		for _, v := range r.via {
			text += " via " + v
		}
		text += strings.Join(r.hops, "")
		return s.say("%s%s", text, r.options())
	}
	if c != "add" && s.hasRoute(r) {
		s.say("del route %s %s%s", s.node, r.dst, r.only("metric", "table"))
	}
	if r.kind != "" {
		if r.src != "" {
			return false
		}
		return s.say("route %s %s %s%s", s.node, r.kind, r.dst, r.only("metric", "table", "proto"))
	}
	text := "route " + s.node + " " + r.dst
	for _, v := range r.via {
		text += " via " + v
	}
	text += strings.Join(r.hops, "")
	return s.say("%s%s", text, r.options())
}

func (r *aRoute) options() string {
	text := r.only("dev")
	if r.onlink {
		text += " onlink"
	}
	return text + r.only("mtu", "src", "metric", "table", "proto")
}

func (r *aRoute) only(names ...string) string {
	text := ""
	for _, n := range names {
		if v := map[string]string{"dev": r.dev, "mtu": r.mtu, "src": r.src, "metric": r.metric, "table": r.table, "proto": r.proto}[n]; v != "" {
			text += " " + n + " " + v
		}
	}
	return text
}

// hasRoute reports whether a route is there that replace would replace.
func (s *ipState) hasRoute(r *aRoute) bool {
	routes, err := s.lab.Routes(s.node)
	if err != nil {
		return false
	}
	v6 := s.v6 || len(r.via) > 0 && strings.Contains(r.via[0], ":") || strings.Contains(r.dst, ":")
	return slices.ContainsFunc(routes, func(have plan.Route) bool {
		same := have.Dst.String() == r.dst || r.dst == "default" && have.Dst.Bits() == 0 && have.Dst.Addr().Is6() == v6
		return same && number(r.metric) == have.Metric && number(r.table) == have.Table
	})
}

// number is a number of an option that may be left out.
func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}
