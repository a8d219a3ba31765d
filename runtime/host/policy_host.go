package host

import (
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
		if why := p.anyGuarded(); why != "" && o.Rule.Chain.Type == "filter" && (o.Rule.Chain.Hook == "input" || o.Rule.Chain.Hook == "output") {
			return nil, guarded("a rule about the machine's own packets", "may stop those of the interface that "+why)
		}
		return nil, p.filter()
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
	switch o := op.(type) {
	case plan.AddAddr:
		r.Kind, r.Addr = Address, o.Addr.String()
	case plan.DelAddr:
		r.Kind, r.Addr, r.Gone = Address, o.Addr.String(), true
		if !p.added[r.key()] {
			return nil, foreign(name)
		}
	case plan.SetUp:
		r.Kind, r.Was, r.Is = State, strconv.FormatBool(l.Up), "true"
	case plan.SetDown:
		r.Kind, r.Was, r.Is = State, strconv.FormatBool(l.Up), "false"
		if !p.added[r.key()] { // only what the lab has set up
			return nil, foreign(name)
		}
	case plan.SetMaster:
		r.Kind, r.Was, r.Is = Master, l.Master, o.Master
		if l.Master != "" && !p.added[r.key()] {
			return nil, foreign(name)
		}
	default:
		return nil, foreign(name)
	}
	return []Record{r}, nil
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
	over := slices.ContainsFunc(r.Route.Hops, func(h plan.NextHop) bool { _, own := p.links[h.Dev]; return own })
	if r.Gone && !over && !p.added[r.key()] {
		return nil, refuse("a lab deletes only the routes that it has added", "the route to %s is the machine's", r.Route.Dest())
	}
	return []Record{r}, nil
}

// rule admits a policy rule of the host.
func (p *Policy) rule(r Record) ([]Record, error) {
	if why := p.anyGuarded(); why != "" && !p.added[r.key()] {
		return nil, guarded("a policy rule", "may lead packets past the interface that "+why)
	}
	if r.Gone && !p.added[r.key()] {
		return nil, refuse("a lab deletes only the rules that it has added", "the rule %s is the machine's", r.Rule)
	}
	return []Record{r}, nil
}
