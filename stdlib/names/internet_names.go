package names

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// outsideName is a name of the outside with its addresses, or with other records.
type outsideName struct {
	name    string
	addrs   []netip.Addr
	records []string
}

// names are all that the outside knows.
func (n *internet) names(p *verb.Plan) []outsideName {
	var list []outsideName
	for _, public := range publicResolvers() {
		list = append(list, public.record())
	}
	if len(n.Lines) == 0 {
		return append(list, publicExample().record())
	}
	for _, r := range n.Lines {
		name := outsideName{name: r.Name.Name()}
		switch {
		case r.isEmpty():
			name.addrs = []netip.Addr{unusedName(p, r.Name.Span, list)}
		case len(r.Addrs) == 0:
			name.records = r.lines("")
		}
		for _, a := range r.Addrs {
			name.addrs = append(name.addrs, a.Addr())
			insideLab(p, a.Span, a.Addr())
		}
		list = append(list, name)
	}
	return list
}

// insideLab reports an address that is one of the lab's own: two would have it.
func insideLab(p *verb.Plan, at source.Span, a netip.Addr) {
	book, err := p.Book()
	p.Err(at, err)
	if err != nil {
		return
	}
	for _, u := range book.All() {
		if u.Addr.Contains(a) {
			p.Fail(diag.Errorf(diag.BadRecord, at, "%s is in %s, a subnet of the lab, so it is not outside", a, u.Addr.Masked()).
				WithHelp("names of the outside have public addresses, as 192.0.2.7; one of the lab's own gets its name with: name %s NAME", u.Node))
			return
		}
	}
}

// unusedName is the next address for a name that was given none.
func unusedName(p *verb.Plan, at source.Span, before []outsideName) netip.Addr {
	net := netip.MustParsePrefix(outsideNames)
	taken := addressesOf(before)
	for a := net.Addr().Next(); net.Contains(a.Next()); a = a.Next() {
		if !slices.Contains(taken, a) {
			return a
		}
	}
	p.Fail(diag.Errorf(diag.BadRecord, at, "%s has no free address for this name", net).WithHelp("write one after it"))
	return netip.Addr{}
}

// addressesOf are the addresses of names, each once.
func addressesOf(names []outsideName) []netip.Addr {
	var all []netip.Addr
	for _, n := range names {
		for _, a := range n.addrs {
			if !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	return all
}

// dns is the name server of the outside: what it does not know does not exist.
func (n *internet) dns(names []outsideName) plan.DNS {
	server := plan.DNS{Bare: true, Origins: []string{"."}}
	for _, name := range names {
		server.Records = append(server.Records, name.records...)
		for _, a := range name.addrs {
			server.Records = append(server.Records, addressRecord(name.name+".", a))
		}
	}
	return server
}
