package plan

// Feature is something that a kernel may lack, and whether this one has it.
type Feature struct {
	// Group is "links", "shaping", "filter" or "protocols".
	Group string
	// Name is the kernel's word for it.
	Name string
	// Need are the statements, probes or labs that cannot do without it.
	Need string
	// Basic marks what every lab needs.
	Basic bool
	Have  bool
	// Cause says why it is not there, Fix what to do; both "" when it is.
	Cause, Fix string
}

// Features are the names of all features that a script may ask for.
func Features() []string {
	return []string{
		"veth", "bridge", "vlan-filtering", "dummy", "vlan", "vxlan", "macvlan", "ipvlan", "bond", "vrf", "wireguard",
		"gre", "ipip", "sit", "geneve", "tap", "ifb",
		"netem", "tbf", "htb", "fq_codel", "ingress", "mirred",
		"nftables", "masquerade", "dnat", "redirect", "reject",
		"IPv4 ping", "IPv6", "IPv6 ping",
	}
}
