package nfread

import (
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// hookDevices is NFTA_HOOK_DEVS (<linux/netfilter/nf_tables.h>).
const hookDevices = 4

// hookOf reads where a base chain is called.
func hookOf(c *plan.FilterChain, family uint8, data []byte) {
	as := attributesOf(data, 0)
	c.Hook, c.Priority = hookName(family, as.number(unix.NFTA_HOOK_HOOKNUM)), as.number(unix.NFTA_HOOK_PRIORITY)
	if dev := as.text(unix.NFTA_HOOK_DEV); dev != "" {
		c.Devices = append(c.Devices, dev)
	}
	for _, dev := range rtnl.Attributes(as[hookDevices], 0) {
		c.Devices = append(c.Devices, unix.ByteSliceToString(dev))
	}
}

// hookName is the hook of that number in a family (enum nf_inet_hooks, nf_arp_hooks,
// nf_dev_hooks).
func hookName(family uint8, number int) string {
	names := []string{"prerouting", "input", "forward", "output", "postrouting", "ingress"}
	switch family {
	case unix.NFPROTO_NETDEV:
		names = []string{"ingress", "egress"}
	case unix.NFPROTO_ARP:
		names = []string{"input", "output", "forward"}
	}
	if number < 0 || number >= len(names) {
		return ""
	}
	return names[number]
}
