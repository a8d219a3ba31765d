package model

import (
	"strconv"
	"syscall"
)

// fits is EINVAL for values that the kernel refuses because of others.
func (m *Model) fits(n *node, k sysctlKey, value string) error {
	if !k.conf || k.family != v6 {
		return nil
	}
	l := n.links[k.scope]
	number, err := strconv.Atoi(value)
	switch {
	case err != nil || l == nil:
	case k.leaf == "mtu" && number > l.mtu: // addrconf_sysctl_mtu, net/ipv6/addrconf.c
		return syscall.EINVAL
	case k.leaf == "addr_gen_mode" && number == stablePrivacy && !m.uncertain: // check_stable_privacy
		return syscall.EINVAL
	}
	return nil
}

// stablePrivacy is the mode of addresses from a secret (IN6_ADDR_GEN_MODE_STABLE_PRIVACY,
// <linux/if_link.h>), which only a program can have set.
const stablePrivacy = 2
