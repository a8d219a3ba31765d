package kernel

import (
	"net"
	"slices"
	"time"

	"github.com/vishvananda/netlink/nl"

	"nsl/runtime/plan"
)

// bondOptions are IFLA_BOND_*. A word that is in no list becomes 255, which the kernel refuses.
func bondOptions(opts *nl.RtAttr, o plan.AddLink) {
	opts.AddRtAttr(nl.IFLA_BOND_MODE, nl.Uint8Attr(uint8(slices.Index(plan.BondModes(), o.Mode))))
	opts.AddRtAttr(nl.IFLA_BOND_MIIMON, nl.Uint32Attr(uint32(o.Monitor.Milliseconds())))
	if o.Hash != "" {
		opts.AddRtAttr(nl.IFLA_BOND_XMIT_HASH_POLICY, nl.Uint8Attr(uint8(slices.Index(plan.HashPolicies(), o.Hash))))
	}
	if o.FastLACP {
		opts.AddRtAttr(nl.IFLA_BOND_AD_LACP_RATE, nl.Uint8Attr(1))
	}
}

// wordAt is the word of a list at the place that an attribute names, or "".
func wordAt(list []string, attr []byte) string {
	if len(attr) == 0 || int(attr[0]) >= len(list) {
		return ""
	}
	return list[attr[0]]
}

func (l *rawLink) parseBond(opts map[uint16][]byte) {
	l.Mode = wordAt(plan.BondModes(), opts[nl.IFLA_BOND_MODE])
	l.Monitor = time.Duration(number(opts[nl.IFLA_BOND_MIIMON])) * time.Millisecond
	if l.Hash = wordAt(plan.HashPolicies(), opts[nl.IFLA_BOND_XMIT_HASH_POLICY]); l.Hash == plan.HashPolicies()[0] {
		l.Hash = ""
	}
	rate := opts[nl.IFLA_BOND_AD_LACP_RATE]
	l.FastLACP = l.Mode == plan.LACP && len(rate) > 0 && rate[0] == 1
}

// parseMember reads what an interface has as a member of a bond (IFLA_BOND_SLAVE_*): it is in
// use while it is active and its link has not failed (BOND_STATE_ACTIVE, BOND_LINK_UP; both 0).
func (l *rawLink) parseMember(data []byte) error {
	opts, err := attrs(data, 0)
	is := func(typ uint16) bool { b := opts[typ]; return len(b) > 0 && b[0] == 0 }
	l.Backup = !is(nl.IFLA_BOND_SLAVE_STATE) || !is(nl.IFLA_BOND_SLAVE_MII_STATUS)
	l.OwnMAC = net.HardwareAddr(opts[nl.IFLA_BOND_SLAVE_PERM_HWADDR]).String()
	return err
}
