package host

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// host admits what is done to the host.
func (p *Policy) host(op plan.Op) ([]Record, error) {
	switch o := op.(type) {
	case plan.SetSysctl:
		return p.setting(o)
	case plan.AddRoute:
		return p.route(Record{Kind: Route, Route: &o.Route})
	case plan.DelRoute:
		return p.route(Record{Kind: Route, Route: &o.Route, Gone: true})
	case plan.AddRule:
		return p.rule(Record{Kind: Rule, Rule: &o.Rule})
	case plan.DelRule:
		return p.rule(Record{Kind: Rule, Rule: &o.Rule, Gone: true})
	case plan.AddNftTable:
		return []Record{{Kind: Table}}, nil
	case plan.DelNftTable, plan.AddNftChain, plan.DelNftChain, plan.DelNftRule:
		return nil, p.filter()
	case plan.AddNftRule:
		return nil, cmp.Or(p.packets(o.Rule), p.filter())
	default:
		return p.onLink(op)
	}
}

// onLink admits what is done to an interface of the host.
func (p *Policy) onLink(op plan.Op) ([]Record, error) {
	name := field(op, "Name", "Link", "Dev")
	if _, own := p.links[name]; own {
		return p.own(op, name), nil
	}
	if why := p.Guarded[name]; why != "" {
		return nil, guarded(name, why)
	}
	return p.foreign(op, name)
}

// anyGuarded is why an interface is guarded.
func (p *Policy) anyGuarded() string {
	for _, why := range p.Guarded {
		return why
	}
	return ""
}

// packets is the error that a rule may cut the person off.
func (p *Policy) packets(r plan.NftRule) error {
	c := r.Chain
	if why := p.anyGuarded(); why != "" && c.Type == "filter" && (c.Hook == "input" || c.Hook == "output") {
		return guarded("a rule about the machine's own packets", "may stop those of the interface that "+why)
	}
	if p.SSHPort != 0 && c.Type == "nat" && c.Hook == "prerouting" && r.Proto != "udp" && (r.Ports.Any() || r.Ports.Has(p.SSHPort)) {
		return guarded(fmt.Sprintf("port %d", p.SSHPort), "is that of your SSH connection")
	}
	return nil
}

// filter is the error that the table of that name is another one's.
func (p *Policy) filter() error {
	if p.table {
		return nil
	}
	return refuse("delete it, if it is not needed: nft delete table inet "+plan.NftTable, "the machine has a table inet %s already, which is not this lab's", plan.NftTable)
}

// own is what is done to an interface that the lab has made: only its name matters.
func (p *Policy) own(op plan.Op, name string) []Record {
	if o, ok := op.(plan.RenameLink); ok {
		return []Record{{Kind: Link, Name: o.To, MAC: p.links[name]}}
	}
	return nil
}

// foreign admits what is done to an interface of the machine.
func (p *Policy) foreign(op plan.Op, name string) ([]Record, error) {
	l, err := p.View.Link(plan.Host, name)
	if err != nil {
		return nil, err
	}
	r := Record{Name: name, Index: l.Index}
	takes := false // something that the machine has
	switch o := op.(type) {
	case plan.AddAddr:
		r.Kind, r.Addr = Address, o.Addr.String()
	case plan.DelAddr:
		r.Kind, r.Addr, r.Gone, takes = Address, o.Addr.String(), true, true
		if o.AddrOptions != (plan.AddrOptions{}) {
			r.More = &o.AddrOptions
		}
	case plan.SetUp:
		r.Kind, r.Was, r.Is = State, strconv.FormatBool(l.Up), "true"
	case plan.SetDown:
		r.Kind, r.Was, r.Is, takes = State, strconv.FormatBool(l.Up), "false", true
	case plan.SetMaster:
		r.Kind, r.Was, r.Is, takes = Master, l.Master, o.Master, l.Master != ""
	default:
		return nil, foreign(name)
	}
	if !takes || p.added[r.key()] {
		return []Record{r}, nil
	}
	if !p.Confirm {
		return nil, foreign(name)
	}
	lost, err := p.lost(l, r)
	return append(lost, r), err
}

// lost are the addresses and routes of the machine that may go with what is taken from an
// interface. Undone in the order from last to first, each finds what it needs.
func (p *Policy) lost(l plan.Link, besides Record) (records []Record, err error) {
	if besides.Kind == Master {
		return nil, nil
	}
	routes, err := p.View.Routes(plan.Host)
	for _, r := range routes {
		over := slices.ContainsFunc(r.Hops, func(h plan.NextHop) bool { return h.Dev == l.Name })
		if over && r.Proto != plan.ProtoKernel {
			records = append(records, Record{Kind: Route, Route: &r, Gone: true})
		}
	}
	slices.Reverse(records)
	for _, a := range slices.Backward(l.Addrs) {
		if a.String() != besides.Addr && !a.Addr().IsLinkLocalUnicast() {
			records = append(records, Record{Kind: Address, Name: l.Name, Index: l.Index, Addr: a.String(), Gone: true})
		}
	}
	return slices.DeleteFunc(records, func(r Record) bool { _, known := p.added[r.key()]; return known }), err
}

// setting admits a setting of the host. Those of an interface of the lab go with it.
func (p *Policy) setting(o plan.SetSysctl) ([]Record, error) {
	for link := range p.links {
		if strings.Contains(o.Key, "."+plan.SettingName(link)+".") {
			return nil, nil
		}
	}
	was, err := p.View.Sysctl(plan.Host, o.Key)
	if err != nil {
		return nil, err
	}
	r := Record{Kind: Setting, Name: o.Key, Was: was, Is: o.Value}
	forwards := o.Key == "net.ipv4.ip_forward" || strings.HasSuffix(o.Key, ".conf.all.forwarding")
	if forwards && !p.Forwarding && was != o.Value && !p.added[r.key()] {
		return nil, refuse("if that is meant: --host-forwarding. A machine that forwards is a router for all of its networks, and takes no IPv6 router advertisements",
			"this changes the IP forwarding of the machine: %s is %s, and would be %s", o.Key, was, o.Value)
	}
	return []Record{r}, nil
}

// route admits a route of the host.
func (p *Policy) route(r Record) ([]Record, error) {
	if why := p.anyGuarded(); r.Route.Dst.Bits() == 0 && why != "" {
		return nil, guarded("the default route", "is that of the interface that "+why)
	}
	if r.Gone {
		r.Route = p.ownRoute(*r.Route)
	}
	over := slices.ContainsFunc(r.Route.Hops, func(h plan.NextHop) bool { _, own := p.links[h.Dev]; return own })
	if r.Gone && !over && !p.added[r.key()] && !p.Confirm {
		return nil, refuse("a lab deletes only the routes that it has added", "the route to %s is the machine's", r.Route.Dest())
	}
	return []Record{r}, nil
}

// ownRoute is a route as the lab has added it, which may have left interfaces to the kernel.
func (p *Policy) ownRoute(r plan.Route) *plan.Route {
	for _, own := range p.routes {
		if p.added[Record{Kind: Route, Route: &own}.key()] && isRoute(r, own) {
			return &own
		}
	}
	return &r
}

// rule admits a policy rule of the host.
func (p *Policy) rule(r Record) ([]Record, error) {
	if auto := *r.Rule; r.Gone && !p.added[r.key()] {
		auto.Priority = 0 // the kernel has chosen it
		if own := (Record{Kind: Rule, Rule: &auto}); p.added[own.key()] {
			r.Rule = &auto
		}
	}
	if why := p.anyGuarded(); why != "" && !p.added[r.key()] {
		return nil, guarded("a policy rule", "may lead packets past the interface that "+why)
	}
	if r.Gone && !p.added[r.key()] {
		return nil, refuse("a lab deletes only the rules that it has added", "the rule %s is the machine's", r.Rule)
	}
	return []Record{r}, nil
}
