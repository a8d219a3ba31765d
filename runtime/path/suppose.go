package path

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// Suppose is the lab as it would be after ops: what they change is answered from
// them, all else by the lab. It follows interfaces that are set up, get another
// MTU or become ports, addresses, routes, policy rules, settings, and the rules of
// the lab's packet filter; ok is false where an op does something else.
func Suppose(v plan.View, ops ...plan.Op) (s *Snapshot, ok bool) {
	w := &supposed{View: v, links: map[string][]plan.Link{}, routes: map[string][]plan.Route{}, rules: map[string][]plan.Rule{},
		nft: map[string]plan.NftState{}, settings: map[settingKey]string{}, routed: map[string]bool{}}
	for _, op := range ops {
		if err := w.apply(op); err != nil {
			return nil, false
		}
	}
	return Of(w), true
}

// supposed is a lab to which ops are done, of which it knows the outcome only.
type supposed struct {
	plan.View
	// What was changed has an entry, of each node as a whole.
	links    map[string][]plan.Link
	routes   map[string][]plan.Route
	rules    map[string][]plan.Rule
	nft      map[string]plan.NftState
	settings map[settingKey]string
	// routed are the nodes whose kernel would route packets in another way.
	routed map[string]bool
}

func (w *supposed) apply(op plan.Op) error {
	switch o := op.(type) {
	case plan.SetSysctl:
		return w.set(o)
	case plan.AddRoute:
		return change(w.routes, o.Node, w.Routes, func(list []plan.Route) []plan.Route {
			return append(list, w.completed(o.Node, o.Route))
		}, w.reroute(o.Node))
	case plan.DelRoute:
		return change(w.routes, o.Node, w.Routes, func(list []plan.Route) []plan.Route {
			return slices.DeleteFunc(list, func(r plan.Route) bool { return isMeant(r, o.Route) })
		}, w.reroute(o.Node))
	case plan.AddRule:
		return change(w.rules, o.Node, w.Rules, func(list []plan.Rule) []plan.Rule { return append(list, o.Rule) }, w.reroute(o.Node))
	case plan.DelRule:
		return change(w.rules, o.Node, w.Rules, func(list []plan.Rule) []plan.Rule {
			return slices.DeleteFunc(list, func(r plan.Rule) bool { return sameRule(r, o.Rule) })
		}, w.reroute(o.Node))
	case plan.SetUp:
		return w.up(o)
	case plan.SetMTU:
		return w.link(plan.Ref{Node: o.Node, Link: o.Name}, func(l *plan.Link) { l.MTU = o.MTU })
	case plan.SetOption:
		return w.link(plan.Ref{Node: o.Node, Link: o.Name}, func(l *plan.Link) {
			if option, ok := plan.IfOptionNamed(o.Option); ok {
				option.Put(&l.IfOptions, o.Value)
			}
		})
	case plan.SetMaster:
		return w.master(o)
	case plan.SetWG:
		return w.link(plan.Ref{Node: o.Node, Link: o.Name}, func(l *plan.Link) { l.WG = o.WG })
	case plan.SetVLANs:
		return w.link(plan.Ref{Node: o.Node, Link: o.Name}, func(l *plan.Link) { l.VLANs = o.VLANs })
	case plan.AddAddr:
		return w.addAddr(o)
	case plan.DelAddr:
		return w.delAddr(o)
	case plan.AddNftTable, plan.AddNftChain, plan.DelNftChain:
		return nil
	case plan.DelNftTable:
		st, err := w.Nft(o.Node)
		st.Exists, st.Chains, st.Lists, st.Counts = false, nil, nil, nil
		w.nft[o.Node] = st
		return err
	case plan.AddNftRule:
		return w.addRule(o)
	case plan.DelNftRule:
		return w.delRule(o)
	default:
		return fmt.Errorf("%T is not followed", op)
	}
}

// master makes an interface a port of a bridge, or of none; it does not follow those of a VRF
// or bond.
func (w *supposed) master(o plan.SetMaster) error {
	to, err := w.Link(o.Node, cmp.Or(o.Master, o.Was))
	if err == nil && (to.Kind == plan.Bond || to.Kind == plan.VRF) {
		return fmt.Errorf("a %s is not followed", to.Kind)
	}
	return w.link(plan.Ref{Node: o.Node, Link: o.Name}, func(l *plan.Link) {
		l.Master, l.PortState, l.VLANs = o.Master, forwarding(o.Master), nil
		if o.Master != "" && err == nil && to.VLANFiltering {
			l.VLANs = plan.NewPortVLANs()
		}
	})
}

// change changes what a node has of one kind, and then does what follows from it.
func change[T any](m map[string][]T, node string, ask func(string) ([]T, error), f func([]T) []T, then func()) error {
	list, err := ask(node)
	if err != nil {
		return err
	}
	m[node] = f(slices.Clone(list))
	then()
	return nil
}

// reroute notes that the kernel's own choices in a node would be others.
func (w *supposed) reroute(node string) func() { return func() { w.routed[node] = true } }

// forwarding is the state of a port that has just become one.
func forwarding(master string) string {
	if master == "" {
		return ""
	}
	return "forwarding"
}

// set writes a setting. Forwarding and disable_ipv6 of a node are copied to all
// its interfaces (ip-sysctl.rst).
func (w *supposed) set(o plan.SetSysctl) error {
	key := o.Key
	if key == "net.ipv4.ip_forward" {
		key = "net.ipv4.conf.all.forwarding"
	}
	w.settings[settingKey{o.Node, o.Key}], w.settings[settingKey{o.Node, key}] = o.Value, o.Value
	w.routed[o.Node] = true
	family, leaf, isAll := strings.Cut(key, ".conf.all.")
	if !isAll || leaf != "forwarding" && leaf != "disable_ipv6" {
		return nil
	}
	links, err := w.Links(o.Node)
	for _, l := range links {
		w.settings[settingKey{o.Node, family + ".conf." + plan.SettingName(l.Name) + "." + leaf}] = o.Value
	}
	return err
}

// link changes an interface.
func (w *supposed) link(at plan.Ref, f func(*plan.Link)) error {
	links, err := w.Links(at.Node)
	if err != nil {
		return err
	}
	links = slices.Clone(links)
	for i := range links {
		if links[i].Name == at.Link {
			f(&links[i])
		}
	}
	w.links[at.Node] = links
	return nil
}

// up sets an interface up, which brings the routes to its subnets back, but no
// others.
func (w *supposed) up(o plan.SetUp) error {
	at := plan.Ref{Node: o.Node, Link: o.Name}
	l, err := w.Link(o.Node, o.Name)
	if err != nil {
		return err
	}
	peer, cabled := w.Peer(o.Node, o.Name)
	other, gone := w.Link(peer.Node, peer.Link)
	carries := cabled != nil || gone == nil && other.Up
	if err := w.link(at, func(l *plan.Link) { l.Up, l.Carrier, l.PortState = true, carries, forwarding(l.Master) }); err != nil {
		return err
	}
	if cabled == nil && carries {
		if err := w.link(peer, func(p *plan.Link) { p.Carrier, p.PortState = true, forwarding(p.Master) }); err != nil {
			return err
		}
	}
	return w.connect(at, l.Addrs)
}

// connect adds the routes to the subnets of an interface's addresses.
func (w *supposed) connect(at plan.Ref, addrs []netip.Prefix) error {
	return change(w.routes, at.Node, w.Routes, func(list []plan.Route) []plan.Route {
		for _, a := range addrs {
			r := plan.Route{Dst: a.Masked(), Hops: []plan.NextHop{{Dev: at.Link}}, Proto: plan.ProtoKernel}
			has := slices.ContainsFunc(list, func(other plan.Route) bool { return isMeant(other, r) })
			if a.IsSingleIP() || has {
				continue
			}
			if a.Addr().Is4() {
				r.Src = a.Addr()
			}
			list = append(list, r)
		}
		return list
	}, w.reroute(at.Node))
}

func (w *supposed) addAddr(o plan.AddAddr) error {
	at := plan.Ref{Node: o.Node, Link: o.Link}
	l, err := w.Link(o.Node, o.Link)
	if err != nil {
		return err
	}
	if err := w.link(at, func(l *plan.Link) { l.Addrs = append(slices.Clone(l.Addrs), o.Addr) }); err != nil || !l.Up {
		return err
	}
	return w.connect(at, []netip.Prefix{o.Addr})
}

func (w *supposed) delAddr(o plan.DelAddr) error {
	at := plan.Ref{Node: o.Node, Link: o.Link}
	var rest []netip.Prefix
	err := w.link(at, func(l *plan.Link) {
		l.Addrs = slices.DeleteFunc(slices.Clone(l.Addrs), func(p netip.Prefix) bool { return p == o.Addr })
		rest = l.Addrs
	})
	if err != nil || slices.ContainsFunc(rest, func(p netip.Prefix) bool { return p.Masked() == o.Addr.Masked() }) {
		return err
	}
	return change(w.routes, o.Node, w.Routes, func(list []plan.Route) []plan.Route {
		return slices.DeleteFunc(list, func(r plan.Route) bool {
			return r.Proto == plan.ProtoKernel && r.Dst == o.Addr.Masked() && len(r.Hops) == 1 && r.Hops[0].Dev == o.Link
		})
	}, w.reroute(o.Node))
}

func (w *supposed) addRule(o plan.AddNftRule) error {
	st, err := w.Nft(o.Node)
	if err != nil {
		return err
	}
	there := st.In(o.Rule.Chain)
	at := len(there)
	if o.Place > 0 {
		at = min(at, o.Place-1)
	}
	st.Exists = true
	st.Put(o.Rule.Chain, plan.WithRule(there, at, o.Rule))
	w.nft[o.Node] = st
	return nil
}

func (w *supposed) delRule(o plan.DelNftRule) error {
	st, err := w.Nft(o.Node)
	if err != nil {
		return err
	}
	there := st.In(o.Rule.Chain)
	for i, r := range there {
		if *r == o.Rule && (o.Place == 0 || o.Place == i+1) {
			st.Put(o.Rule.Chain, plan.WithoutRule(there, i))
			break
		}
	}
	w.nft[o.Node] = st
	return nil
}
