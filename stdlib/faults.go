package stdlib

import (
	"fmt"
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// faults are what is surely wrong with a lab, whatever its packets are.
func faults(lab plan.View) ([]verb.Fault, error) {
	nodes, err := plan.AllNodes(lab)
	if err != nil {
		return nil, err
	}
	snap := path.Of(lab)
	var links []plan.Link
	for _, node := range nodes {
		list, err := snap.Links(node)
		if err != nil {
			return nil, err
		}
		links = append(links, list...)
	}
	s := segmentsOf(snap, links)
	return slices.Concat(portAddresses(links), subnetsTwice(s), bridgeLoops(snap, links), unequalMTUs(s), vlansApart(s), tunnelsApart(links)), nil
}

// fault is a warning about interfaces.
func fault(code diag.Code, at []plan.Ref, help, format string, args ...any) verb.Fault {
	return verb.Fault{At: at, Warning: diag.New(code, diag.Warning, source.Span{}, format, args...).WithHelp("%s", help)}
}

// portAddresses are the addresses of ports: what arrives there is the bridge's.
func portAddresses(links []plan.Link) []verb.Fault {
	var list []verb.Fault
	for _, l := range links {
		i := slices.IndexFunc(l.Addrs, func(a netip.Prefix) bool { return !a.Addr().IsLinkLocalUnicast() })
		if l.Taker() == "" || i < 0 {
			continue
		}
		a, bridge, kind, part := l.Addrs[i], plan.Place(l.Node, l.Taker()), "bridge", "port"
		if l.Bond != "" {
			kind, part = plan.Bond, "member"
		}
		list = append(list, fault(diag.PortAddress, []plan.Ref{l.Ref()},
			fmt.Sprintf("give the address to the "+kind+": del addr %s %s, then: addr %s %s", l.Ref(), a, bridge, a),
			"%s has the address %s, but is a %s of %s, which gets what arrives there", l.Ref(), a, part, bridge))
	}
	return list
}
