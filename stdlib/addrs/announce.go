package addrs

import (
	"context"
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// announce is the statement announce.
type announce struct {
	At    syntax.Endpoint  `parser:"'announce' @@"`
	Addrs []syntax.OwnAddr `parser:"@@*"`
}

// Announce is the verb announce.
func Announce() *verb.Verb {
	return verb.Define[announce](verb.Spec{
		Name:    "announce",
		Summary: "send all neighbours a node's addresses: gratuitous ARP, unsolicited advertisements",
		Usage:   []string{"announce NODE[:IFACE] [ADDR…]"},
		Doc: `NODE sends for each ADDR of its own, or for all of its addresses, what a machine sends that
takes over an address: an ARP announcement (RFC 5227, section 3), or an unsolicited
neighbour advertisement (RFC 4861, section 7.2.6). Neighbours that have an entry for
the address use the new hardware address at once; the others make no entry of it.`,
		Examples: []verb.Example{
			{Note: "An address moves from one node to another, as with VRRP.", Code: "ns pc a b\nbridge sw <pc a b> 10.0.0.0/24\nmac a 02:00:00:00:00:0a\nmac b 02:00:00:00:00:0b\naddr a 10.0.0.100/24 fd00::100/64\naddr pc fd00::1/64\nexpect ping pc -> <10.0.0.100 fd00::100>\ndel addr a 10.0.0.100 fd00::100\naddr b 10.0.0.100/24 fd00::100/64\nannounce b 10.0.0.100 fd00::100\nexpect neigh pc -> 10.0.0.100 mac 02:00:00:00:00:0b within 5s\nexpect neigh pc -> fd00::100 mac 02:00:00:00:00:0b within 5s\n"},
		},
	})
}

// Names reports what never was, or is no address of the node.
func (a *announce) Names(view verb.Lab) diag.List {
	_, problems := a.announcements(view)
	return problems
}

// Run sends them.
func (a *announce) Run(ctx context.Context, env *verb.Env) error {
	list, problems := a.announcements(env)
	if len(problems) > 0 {
		return problems
	}
	announcer, ok := env.Prober.(plan.Announcer)
	if !ok {
		return nil
	}
	return announcer.Announce(ctx, list)
}

// links are the interfaces that are meant.
func (a *announce) links(view verb.Lab) ([]plan.Link, *diag.Diagnostic) {
	ref := lab.PlaceOf(view, a.At)
	if d := lab.Unknown(view, a.At.Text, ref); d != nil {
		return nil, d
	}
	links, gone, err := lab.LinksAt(view, ref)
	if gone != "" && !view.Uncertain() {
		return nil, diag.Errorf(diag.NotThere, a.At.Span, "%s", gone)
	}
	if err != nil {
		return nil, diag.Errorf(diag.KernelRefused, a.At.Span, "%v", err)
	}
	return slices.DeleteFunc(slices.Clone(links), func(l plan.Link) bool { return l.Name == plan.Loopback || plan.KindOf(l.Kind).Bare }), nil
}

// announcements are what to send: each address that is meant, on its interface.
func (a *announce) announcements(view verb.Lab) (list []plan.Announcement, problems diag.List) {
	links, d := a.links(view)
	problems.Add(d)
	found := map[int]bool{}
	var have []netip.Prefix
	for _, l := range links {
		for _, addr := range l.Addrs {
			have = append(have, addr)
			i := slices.IndexFunc(a.Addrs, func(w syntax.OwnAddr) bool { return w.Is(addr) })
			if i >= 0 || len(a.Addrs) == 0 && plan.InBook(addr.Addr()) {
				found[i] = true
				list = append(list, plan.Announcement{Node: l.Node, Dev: l.Name, IP: addr.Addr()})
			}
		}
	}
	if d != nil || view.Uncertain() {
		return list, problems
	}
	for i, w := range a.Addrs {
		if !w.Dynamic && !found[i] {
			problems.Add(noSuchAddr(w, a.At.Value, have))
		}
	}
	if len(list)+len(a.Addrs) == 0 {
		problems.Add(diag.Errorf(diag.NoAddress, a.At.Span, "%s has no address to announce", a.At.Value).
			WithHelp("give it one first: addr %s 192.168.15.1/24", a.At.Value))
	}
	return list, problems
}
