package links

import (
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// down is the statement down.
type down struct {
	What []syntax.Endpoint `parser:"'down' (@@ | '<' @@* '>')+"`
}

// Down is the verb down.
func Down() *verb.Verb {
	return verb.Define[down](verb.Spec{
		Name:    "down",
		Also:    []string{"shutdown", "disable", "unlink", "disconnect", "shut"},
		Summary: "set interfaces down",
		Usage:   []string{"down NODE:IFACE…", "down IFACE…", "down NODE…"},
		Doc: `A node means all its interfaces except lo; a name without a node is an
interface of the host. Setting down what is down changes nothing.

The routes over the interface and its IPv6 addresses are removed, as always in
Linux. IPv4 addresses stay.`,
		Examples: []verb.Example{
			{Note: "A cable that is pulled.", Code: "ns red blue\nlink red <-> blue\ndown red:veth-red\nexpect not ping blue -> red\n"},
			{Note: "Routes go with their interface.", Code: "ns red blue\nlink red <-> blue 192.168.15.0/24\nroute red default via 192.168.15.2\ndown red\nexpect route red -> 8.8.8.8 unreachable\n"},
		},
	})
}

// Plan sets down what is up.
func (d *down) Plan(p *verb.Plan) {
	var falling []named
	order := map[plan.Ref]int{}
	for _, t := range withVLANs(p, interfaces(p, d.What)) {
		if t.link.Up {
			order[t.link.Ref()] = len(falling)
			falling = append(falling, t)
		}
	}
	for i, t := range falling {
		s, err := lab.NewSideEffects(p, t.link)
		if err != nil {
			p.Err(t.at.Span, err)
			return
		}
		p.Do(t.at.Span, s.DownIn(p, order, i))
	}
}

// withVLANs puts the VLANs on an interface before it: the kernel sets them down
// with it (vlan_device_event, net/8021q/vlan.c).
func withVLANs(p *verb.Plan, list []named) []named {
	var all []named
	seen := map[plan.Ref]bool{}
	add := func(t named) {
		if r := t.link.Ref(); !seen[r] {
			seen[r] = true
			all = append(all, t)
		}
	}
	for _, t := range list {
		uppers := verb.Ask(p, t.at.Span, p.Uppers, t.link.Ref())
		for _, u := range uppers {
			if u.Kind == plan.VLAN {
				add(named{u, t.at})
			}
		}
		add(t)
	}
	return all
}
