package foreign

import (
	"slices"

	"nsl/runtime/plan"
)

func ipLink(s *ipState) bool {
	list := []string{"add", "set", "change", "replace", "delete", "show", "lst", "list", "xstats", "afstats", "property", "help"}
	c, ok := s.command(list...)
	switch {
	case ok:
	case s.hasLink(s.node, s.peek()) && !s.lab.Uncertain() || s.peek() == "up" || s.peek() == "down":
		s.insert(s.args[0], "set")
		c = "set"
	default:
		c = s.mistypedCommand(list)
	}
	switch c {
	case "add":
		return s.linkAdd()
	case "set", "change":
		return s.linkSet()
	case "delete":
		return s.linkDelete()
	case "show", "list", "lst":
		return s.linkShow("links")
	case "":
		return true
	}
	return false
}

// linkShow shows the interfaces, and corrects the name of one.
func (s *ipState) linkShow(what string) bool {
	for len(s.args) > 0 {
		w, _ := s.next()
		switch w.text {
		case "dev", "master":
			if w, ok := s.next(); ok {
				s.linkName(s.node, w)
			}
		case "type", "group", "scope", "to", "label", "vrf":
			s.next()
		case "up", "dynamic", "permanent", "deprecated", "tentative", "primary", "secondary":
		default:
			s.linkName(s.node, w)
		}
	}
	return s.read(what)
}

// end is one interface that ip link add makes.
type end struct {
	node, name, mtu, mac string
	up                   bool
	opts                 ifOptions
	// other: it has an option that only ip sets.
	other bool
}

func (s *ipState) place(e end) string { return s.placeIn(e.node, e.name) }

// added is what ip link add makes.
type added struct {
	end
	kind   string
	parent string
	peer   end
	set    map[string]string
}

// endOptions are those of each end.
func (s *ipState) endOptions(e *end) []option {
	known := true
	list := e.opts.words(s.call, &known)
	for i := range list {
		use := list[i].use
		list[i].use = func(o word) { use(o); e.other = e.other || !known }
	}
	return append(append(list, []option{
		{"name", func(o word) { e.name = s.value(o) }},
		{"dev", func(o word) { e.name = s.value(o) }},
		s.text("mtu", &e.mtu),
		s.text("address", &e.mac),
		{"netns", func(word) {
			if w, ok := s.next(); ok {
				e.node = s.target(w)
			}
		}},
		flag("up", &e.up),
		nothing("down"),
	}...), only("numtxqueues", "numrxqueues", "broadcast", "index", "group", "master", "gso_max_size", "gso_max_segs")...)
}

func (s *ipState) linkAdd() bool {
	a := &added{end: end{node: s.node}, set: map[string]string{}}
	if s.peek() == "add" {
		w, _ := s.next()
		s.fix(w, "")
	}
	known := true
	options := append(s.endOptions(&a.end),
		s.text("link", &a.parent),
		option{"type", func(o word) { known = s.linkType(a, o) }})
	ok := s.options(options, func(w word) bool {
		if a.name != "" || near(w.text, "type") || near(w.text, "dev") && len(s.args) > 0 && s.peek() != "type" {
			return false
		}
		a.name = w.text
		return true
	})
	switch {
	case !ok || !known || a.other || a.peer.other:
		return false
	case a.kind == "":
		return s.fail(s.last(), "link add: the type is missing, as in: type veth peer name NAME")
	}
	return s.make(a)
}

func near(text, whole string) bool { return text != whole && nearWord(text, []string{whole}) != "" }

// kinds are the kinds of interfaces that ip makes (iplink(8)).
func kinds() []string {
	return []string{"veth", "bridge", "dummy", "vlan", "vxlan", "macvlan", "ipvlan", "macvtap", "vrf", "bond", "gre", "gretap",
		"ip6gre", "ip6tnl", "ipip", "sit", "vti", "wireguard", "ifb", "team", "geneve", "tun", "can", "vcan", "hsr", "netdevsim",
		"nlmon", "bareudp", "xfrm", "erspan", "ip6gretap", "ipvtap", "macsec", "amt", "dsa", "virt_wifi"}
}

// linkType reads what follows type; false for what only ip can make.
func (s *ipState) linkType(a *added, o word) bool {
	w, ok := s.next()
	if !ok {
		return s.fail(o, "link add: the type is missing after type")
	}
	if a.kind = s.kind(w); a.kind == "" {
		return s.fail(w, "there is no type %q", w.text)
	}
	switch a.kind {
	case "veth":
		return s.vethPeer(a)
	case "bridge", "dummy", "vxlan", "vlan", "macvlan", "ipvlan", "geneve", "gre", "ipip", "sit", "vrf", plan.Bond:
		if s.options(s.typeOptions(a), func(w word) bool { return s.forgottenID(a, w) }) {
			return true
		}
	}
	s.args = nil
	return false
}

// forgottenID is the number of a VLAN, VXLAN or geneve whose "id" was forgotten.
func (s *ipState) forgottenID(a *added, w word) bool {
	if !slices.Contains([]string{"vlan", "vxlan", "geneve"}, a.kind) || a.set["id"] != "" || number(w.text) == 0 {
		return false
	}
	s.insert(w, "id")
	a.set["id"] = w.text
	return true
}

func (s *ipState) kind(w word) string {
	for _, k := range kinds() {
		if w.text == k {
			return k
		}
	}
	k := nearWord(w.text, kinds())
	if k != "" {
		s.fix(w, k)
	}
	return k
}

func (s *ipState) vethPeer(a *added) bool {
	a.peer.node = s.node // the kernel makes it where ip runs, wherever the other end goes
	w, ok := s.next()
	if !ok {
		return true
	}
	if w.text != "peer" {
		if !near(w.text, "peer") {
			return s.fail(w, "unexpected %q after type veth", w.text)
		}
		s.fix(w, "peer")
	}
	return s.options(s.endOptions(&a.peer), func(w word) bool {
		if a.peer.name != "" || near(w.text, "name") && len(s.args) > 0 {
			return false
		}
		a.peer.name = w.text
		return true
	})
}

// typeOptions are those of the kinds that nsl can make; the others are left to ip.
func (s *ipState) typeOptions(a *added) []option {
	keep := func(names ...string) (list []option) {
		for _, n := range names {
			list = append(list, option{n, func(o word) { a.set[n] = s.value(o) }})
		}
		return list
	}
	switch a.kind {
	case "bridge":
		return append(append(keep("stp_state", "vlan_filtering"), a.bridgeOptions(s)...), only("group_fwd_mask", "vlan_default_pvid", "vlan_protocol", "nf_call_iptables", "nf_call_ip6tables")...)
	case "vxlan":
		return append(append(keep("id", "vni", "dev", "remote", "group", "local", "dstport"), s.ignored("ttl")), only("nolearning", "learning",
			"external", "srcport", "tos", "ageing", "maxaddress", "port", "proxy", "l2miss", "l3miss", "gbp", "udpcsum", "noudpcsum")...)
	case "geneve":
		return append(keep("id", "vni", "remote", "ttl", "dstport"), only("hoplimit", "tos", "dsfield", "df", "flowlabel",
			"external", "udpcsum", "noudpcsum", "innerprotoinherit")...)
	case "gre", "ipip", "sit":
		return append(append(keep("remote", "local", "ttl"), s.tunnelOptions(a)...), only("mode")...)
	case "vrf":
		return keep("table")
	case plan.Bond:
		return append(keep("mode", "miimon", "xmit_hash_policy", "lacp_rate"), only("updelay", "downdelay", "peer_notify_delay", "use_carrier",
			"arp_interval", "arp_validate", "arp_all_targets", "arp_ip_target", "ns_ip6_target", "primary", "primary_reselect", "fail_over_mac",
			"resend_igmp", "num_grat_arp", "num_unsol_na", "all_slaves_active", "min_links", "lp_interval", "packets_per_slave",
			"tlb_dynamic_lb", "lacp_active", "coupled_control", "ad_select", "ad_user_port_key", "ad_actor_sys_prio", "ad_actor_system", "active_slave")...)
	case "vlan":
		return append(keep("id", "protocol"), only("reorder_hdr", "gvrp", "mvrp", "loose_binding", "ingress-qos-map", "egress-qos-map")...)
	case "macvlan":
		return append(keep("mode"), only("macaddr", "bcqueuelen", "flag", "nopromisc")...)
	case "ipvlan":
		return append(keep("mode"), s.ipvlanModes(a)...)
	}
	return nil
}

// bridgeOptions are those of a new bridge that the statement option sets.
func (a *added) bridgeOptions(s *ipState) []option {
	var list []option
	for _, name := range []string{"forward_delay", "ageing_time", "hello_time", "max_age", "priority", "mcast_snooping", "mcast_querier"} {
		list = append(list, option{name, func(o word) {
			if value := s.value(o); name != "forward_delay" || value != "0" {
				a.other = !a.opts.add("bridge", name, value) || a.other
			}
		}})
	}
	return list
}

func (s *ipState) ipvlanModes(a *added) []option {
	list := only("bridge", "private", "vepa")
	for _, m := range []string{"l2", "l3", "l3s"} {
		list = append(list, option{m, func(word) { a.set["mode"] = m }})
	}
	return list
}

// linkDelete deletes an interface; the ports of a bridge stay, without it, and the members of a
// bond are down then.
func (s *ipState) linkDelete() bool {
	var name word
	ok := s.options([]option{
		{"dev", func(word) { name, _ = s.next() }},
		s.ignored("type"),
		{name: "group"},
	}, func(w word) bool {
		if name.text != "" || near(w.text, "dev") && len(s.args) > 0 {
			return false
		}
		name = w
		return true
	})
	switch {
	case !ok:
		return false
	case name.text == "":
		return s.fail(s.last(), "link delete: the interface is missing")
	}
	return s.remove(s.linkName(s.node, name))
}

// remove deletes an interface of the node.
func (k *call) remove(name string) bool {
	links, _ := k.lab.Links(k.node)
	for _, l := range links {
		if l.Taker() == name {
			k.say("detach %s", k.place(l.Name))
		}
		if l.Bond == name && l.Up {
			k.say("down %s", k.place(l.Name))
		}
	}
	return k.say("delete %s", k.place(name))
}
