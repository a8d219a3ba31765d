package importing

import (
	"errors"
	"fmt"

	"nsl/runtime/plan"
	"nsl/runtime/ruleset"
)

// lookByView reads the state of a node as nsl knows it, where ip is not installed.
func lookByView(w plan.View, node string, settings []string) ([]string, error) {
	lines, err := lookAtRest(w, node, settings)
	if err != nil {
		return nil, err
	}
	links, err := w.Links(node)
	for _, l := range links {
		addrs := l.Addrs
		l.Index, l.MAC, l.Carrier, l.PortState, l.Addrs = 0, "", false, "", nil
		lines = append(lines, fmt.Sprintf("link %s %+v", l.Name, l))
		for _, a := range addrs {
			if !isEUI64(a.Addr()) && (l.Name != plan.Loopback || l.Up) {
				lines = append(lines, "addr "+l.Name+" "+a.String())
			}
		}
	}
	routes, errRoutes := w.Routes(node)
	for _, r := range routes {
		if !r.Dst.Addr().IsLinkLocalUnicast() {
			lines = append(lines, fmt.Sprintf("route %s protocol=%s", r, r.Proto))
		}
	}
	rules, errRules := w.Rules(node)
	for _, r := range rules {
		lines = append(lines, "rule "+r.String())
	}
	filter, errFilter := w.Ruleset(node)
	lines = append(lines, filterLines(filter)...)
	sortUnordered(lines)
	return lines, errors.Join(err, errRoutes, errRules, errFilter)
}

// filterLines are the chains of packet filters and their rules, in their order.
func filterLines(filter plan.Ruleset) (lines []string) {
	for _, t := range filter.Tables {
		for i, c := range t.Chains {
			lines = append(lines, fmt.Sprintf("nft chain %s %s %s hook=%s priority=%d drops=%v", t.Family, t.Name, c.Name, c.Hook, c.Priority, c.Drops))
			for n := range c.Rules {
				r := ruleset.Rule{Table: &t, Chain: &t.Chains[i], Place: n + 1}
				lines = append(lines, "nft rule "+t.Family+" "+t.Name+" "+c.Name+" "+r.Text())
			}
		}
	}
	return lines
}
