package diag

// linkRules are about interfaces: what they stand on, and what may become of them.
func linkRules() []Rule {
	return []Rule{
		{FixedLink, "FixedLink", "an interface that stays as and where it is"},
		{FramesTaken, "FramesTaken", "the frames of an interface are another one's already"},
		{LinkLoses, "LinkLoses", "an interface loses addresses or state"},
		{NameInRules, "NameInRules", "rules that name an interface by its former name"},
		{TunnelTaken, "TunnelTaken", "two vxlans of one identifier in a node"},
		{NotEthernet, "NotEthernet", "an interface that carries no Ethernet frames"},
		{TunnelGroup, "TunnelGroup", "a multicast group in the wrong place"},
		{WantsLink, "WantsLink", "a node where the name of an interface is wanted"},
		{BadRate, "BadRate", "not a rate"},
		{LinkDown, "LinkDown", "an interface that has to be up"},
	}
}
