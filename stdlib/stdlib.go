// Package stdlib is the vocabulary of nsl: one file a verb, from its grammar
// and its documentation to its plan. Nothing in here touches the kernel.
package stdlib

import (
	"nsl/lang/eval"
	"nsl/lang/verb"
	"nsl/stdlib/addrs"
	"nsl/stdlib/filter"
	"nsl/stdlib/foreign"
	"nsl/stdlib/links"
	"nsl/stdlib/names"
	"nsl/stdlib/probes"
	"nsl/stdlib/routes"
	"nsl/stdlib/services"
	"nsl/stdlib/show"
	"nsl/stdlib/why"
)

// Table is the whole vocabulary. A new verb is one new file and one word here.
func Table() *verb.Table {
	t := verb.NewTable(Verbs(), Probes())
	t.Foreign = foreign.New(t.Names())
	t.Faults = faults
	t.Explain = why.Op
	return t
}

// Verbs are the statements, in the order of the documentation.
func Verbs() []*verb.Verb { return append(building(), using()...) }

// building are those that build the network.
func building() []*verb.Verb {
	return []*verb.Verb{
		links.NS(),
		links.Link(),
		links.Bridge(),
		links.Attach(),
		links.Detach(),
		links.Veth(),
		links.Move(),
		links.Rename(),
		links.MTU(),
		links.MAC(),
		links.Option(),
		links.Shape(),
		links.Dummy(),
		links.Macvlan(),
		links.Ipvlan(),
		links.VLAN(),
		links.VXLAN(),
		links.FDB(),
		links.Geneve(),
		links.VRF(),
		links.Bond(),
		links.GRE(),
		links.WireGuard(),
		links.IPIP(),
		links.SIT(),
		links.Tap(),
		links.Tun(),
		addrs.Auto(),
		addrs.Addr(),
		addrs.Neigh(),
		addrs.ProxyARP(),
		addrs.Announce(),
		del(),
		links.Up(),
		links.Down(),
		routes.Route(),
		routes.Rule(),
		routes.Sysctl(),
		routes.Forward(),
		filter.NAT(),
		filter.Publish(),
		filter.Redirect(),
		filter.Block(),
		filter.Allow(),
		filter.Reject(),
		filter.Mark(),
		filter.Flush(),
		filter.Iptables(),
		filter.Ip6tables(),
		filter.Nft(),
	}
}

// using are those of services, programs, looking and testing, and the language's own.
func using() []*verb.Verb {
	return []*verb.Verb{
		services.Capture(),
		names.Name(),
		services.Serve(),
		names.DNS(),
		names.Resolver(),
		services.DHCP(),
		services.RA(),
		names.Internet(),
		services.Spawn(),
		services.Kill(),
		services.Exec(),
		links.Delete(),
		show.Show(),
		probes.Why(),
		probes.Follow(),
		eval.PrintVerb(),
		probes.Expect(),
		probes.Require(),
		eval.TestVerb(),
		probes.Skip(),
		eval.LetVerb(),
		eval.ForVerb(),
		eval.IfVerb(),
		eval.DefVerb(),
		eval.UseVerb(),
		eval.GrantVerb(),
		eval.DeferVerb(),
	}
}

// Probes are what may follow expect and require.
func Probes() []*verb.Verb {
	return []*verb.Verb{
		probes.Ping(),
		probes.Matrix(),
		probes.DNS(),
		probes.Path(),
		probes.MTU(),
		probes.FollowProbe(),
		probes.Rate(),
		probes.Addr(),
		probes.Link(),
		probes.VLAN(),
		probes.WireGuard(),
		probes.Route(),
		probes.Neigh(),
		probes.ARP(),
		probes.Sysctl(),
		probes.NS(),
		probes.TCP(),
		probes.UDP(),
		probes.HTTP(),
		probes.Connection(),
		probes.Listen(),
		probes.Process(),
		probes.Exec(),
		probes.Kernel(),
	}
}
