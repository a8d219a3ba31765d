package stdlib

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// faults are what is surely wrong with a lab, whatever its packets are.
func faults(lab plan.View) ([]verb.Fault, error) {
	nodes, err := lab.Nodes()
	if err != nil {
		return nil, err
	}
	var links []plan.Link
	for _, node := range append(slices.Clone(nodes), plan.Host) {
		list, err := lab.Links(node)
		if err != nil {
			return nil, err
		}
		links = append(links, list...)
	}
	return portAddresses(links), nil
}

// portAddresses are the addresses of ports: what arrives there is the bridge's.
func portAddresses(links []plan.Link) []verb.Fault {
	var list []verb.Fault
	for _, l := range links {
		i := slices.IndexFunc(l.Addrs, func(a netip.Prefix) bool { return !a.Addr().IsLinkLocalUnicast() })
		if l.Master == "" || i < 0 {
			continue
		}
		a, bridge := l.Addrs[i], plan.Place(l.Node, l.Master)
		d := diag.New(diag.PortAddress, diag.Warning, source.Span{}, "%s has the address %s, but is a port of %s, which gets what arrives there", l.Ref(), a, bridge).
			WithHelp("give the address to the bridge: del addr %s %s, then: addr %s %s", l.Ref(), a, bridge, a)
		list = append(list, verb.Fault{At: []plan.Ref{l.Ref()}, Warning: d})
	}
	return list
}
