package diag

// Codes about interfaces: what they stand on, and what may become of them.
const (
	FixedLink   Code = "NSL110" // an interface that stays as and where it is
	FramesTaken Code = "NSL111" // another one has the frames of an interface already
	LinkLoses   Code = "NSL112" // an interface loses its addresses and its state
	NameInRules Code = "NSL113" // rules that name an interface by its former name
	TunnelTaken Code = "NSL114" // two vxlans of one identifier in a node
	NotEthernet Code = "NSL115" // an interface that carries no Ethernet frames
	TunnelGroup Code = "NSL116" // a multicast group where one host is wanted, or the reverse
	WantsLink   Code = "NSL117" // a node where the name of an interface is wanted
	BadRate     Code = "NSL118" // not a rate
)

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
	}
}
