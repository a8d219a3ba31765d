package host

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"nsl/lang/diag"
	"nsl/runtime/plan"
	"nsl/runtime/proc"
)

// Ops are what makes a model like the machine, as far as a script of a lab can meet it: the names
// of the namespaces, and the interfaces of the host with their addresses and routes. The model
// may refuse some, as routes over what it cannot make.
func Ops(v plan.View) (ops []plan.Op, err error) {
	nodes, err := v.Nodes()
	if err != nil {
		return nil, err
	}
	for _, n := range nodes {
		ops = append(ops, plan.AddNS{Name: n})
	}
	links, err := v.Links(plan.Host)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		ops = append(ops, linkOps(l)...)
	}
	routes, err := v.Routes(plan.Host)
	for _, r := range routes {
		ops = append(ops, plan.AddRoute{Node: plan.Host, Route: r})
	}
	return append(ops, masterOps(links)...), err
}

// linkOps are those for an interface; what it is besides a bridge does not matter.
func linkOps(l plan.Link) []plan.Op {
	var ops []plan.Op
	switch {
	case l.Name == plan.Loopback:
	case l.Kind == "bridge":
		ops = append(ops, plan.AddBridge{Node: plan.Host, Name: l.Name, MAC: l.MAC, MTU: l.MTU})
	default:
		ops = append(ops, plan.AddLink{Node: plan.Host, Name: l.Name, Kind: plan.Dummy, MAC: l.MAC, MTU: l.MTU})
	}
	if l.Up {
		ops = append(ops, plan.SetUp{Node: plan.Host, Name: l.Name})
	}
	for _, a := range l.Addrs {
		if !a.Addr().IsLinkLocalUnicast() && !a.Addr().IsLoopback() {
			ops = append(ops, plan.AddAddr{Node: plan.Host, Link: l.Name, Addr: a})
		}
	}
	return ops
}

func masterOps(links []plan.Link) (ops []plan.Op) {
	for _, l := range links {
		if l.Master != "" {
			ops = append(ops, plan.SetMaster{Node: plan.Host, Name: l.Name, Master: l.Master})
		}
	}
	return ops
}

// Guarded are the interfaces of the host that a mistake with would cut the person off: those of
// the default routes, and that of the SSH connection from an address.
func Guarded(v plan.View, client netip.Addr) (map[string]string, error) {
	list := map[string]string{}
	routes, err := v.Routes(plan.Host)
	for _, r := range routes {
		for _, h := range r.Hops {
			if r.Dst.Bits() == 0 && h.Dev != "" {
				list[h.Dev] = "has the default route"
			}
		}
	}
	if !client.IsValid() {
		return list, err
	}
	r, unreachable := v.RouteTo(plan.Host, plan.RouteQuery{Dst: client})
	if unreachable == nil && len(r.Hops) > 0 && r.Hops[0].Dev != plan.Loopback {
		list[r.Hops[0].Dev] = "has your SSH connection"
	}
	return list, err
}

// SSH is the address from which the person is logged in over SSH, and the port of the machine
// that it leads to (SSH_CONNECTION, ssh(1)). Programs such as sudo(8) take it out of the
// environment: it is looked for in those of the processes that this one descends from.
func SSH() (client netip.Addr, port uint16) {
	for pid := os.Getpid(); pid > 1; pid, _ = strconv.Atoi(proc.Status(pid, "PPid")) {
		for word := range strings.SplitSeq(proc.Read(pid, "environ"), "\x00") {
			value, ok := strings.CutPrefix(word, "SSH_CONNECTION=")
			if parts := strings.Fields(value); ok && len(parts) == 4 { // client, its port, server, its port
				client, _ := netip.ParseAddr(parts[0])
				port, _ := strconv.ParseUint(parts[3], 10, 16)
				return client.WithZone(""), uint16(port)
			}
		}
	}
	return netip.Addr{}, 0
}

// Check finds what a lab may not do to the machine, before any of it is done.
func Check(p *Policy, steps []plan.Step) (list diag.List, err error) {
	routes, err := p.View.Routes(plan.Host)
	if err != nil {
		return nil, err
	}
	links, err := p.View.Links(plan.Host)
	for _, step := range steps {
		op, records, refused := p.Admit(step.Op)
		found, ok := diag.FromError(refused)
		if refused != nil && !ok {
			continue // the machine is not yet as the op will meet it
		}
		if refused == nil && op != nil {
			p.Note(op, records)
			found = overlaps(step.Op, routes, links, p.taken)
		}
		for _, d := range found {
			d.Subject = step.Span
		}
		list.Add(found...)
	}
	return list.Unique(), err
}

// taken reports whether a lab has taken this address, or route, from the machine.
func (p *Policy) taken(r Record) bool { has, known := p.added[r.key()]; return known && !has }

// overlaps finds that the subnet of a new address is one that the machine reaches elsewhere.
func overlaps(op plan.Op, routes []plan.Route, links []plan.Link, taken func(Record) bool) diag.List {
	o, ok := op.(plan.AddAddr)
	if !ok || o.Addr.IsSingleIP() || o.Addr.Addr().IsLinkLocalUnicast() {
		return nil
	}
	other := ""
	var gone []netip.Prefix // subnets that the machine was in
	for _, l := range links {
		for _, a := range l.Addrs {
			switch {
			case taken(Record{Kind: Address, Name: l.Name, Addr: a.String()}):
				gone = append(gone, a.Masked())
			case a.Overlaps(o.Addr) && other == "":
				other = fmt.Sprintf("its interface %s has %s", l.Name, a)
			}
		}
	}
	for _, r := range routes {
		if r.Dst.Bits() > 0 && r.Dst.Overlaps(o.Addr) && other == "" && !slices.Contains(gone, r.Dst) && !taken(Record{Kind: Route, Route: &r}) {
			other = "it has the route " + r.String()
		}
	}
	if other == "" {
		return nil
	}
	list, _ := diag.FromError(refuse("give the lab another subnet", "the subnet of %s overlaps one of the machine: %s", o.Addr, other))
	return list
}

// Warnings are what the machine does to the packets of a lab, and what a person who does not know
// of it would look for in the lab.
func Warnings(v plan.View) (list []string) {
	rules, err := v.Ruleset(plan.Host)
	if err == nil {
		for _, t := range rules.Tables {
			if i := slices.IndexFunc(t.Chains, func(c plan.FilterChain) bool { return c.Hook == "forward" && c.Drops }); i >= 0 {
				list = append(list, fmt.Sprintf("the machine drops what it forwards and no rule accepts (table %s %s, chain %s, policy drop): the packets of a lab that pass the host, too", t.Family, t.Name, t.Chains[i].Name))
			}
		}
	}
	if value, err := v.Sysctl(plan.Host, "net.bridge.bridge-nf-call-iptables"); err == nil && value == "1" {
		list = append(list, "br_netfilter is on (net.bridge.bridge-nf-call-iptables = 1): the machine's packet filter sees the frames on the bridges of the lab")
	}
	return list
}
