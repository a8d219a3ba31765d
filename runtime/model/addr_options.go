package model

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// subnet is the one that the kernel makes a route to.
func (a addr) subnet() netip.Prefix { return a.options.Subnet(a.Prefix) }

// sameSubnet reports addresses of which one is the other's primary (inet_ifa_match).
func (a addr) sameSubnet(b addr) bool {
	other := b.Addr()
	if b.options.Peer.IsValid() {
		other = b.options.Peer
	}
	if a.options.Peer.IsValid() {
		a.Prefix = netip.PrefixFrom(a.options.Peer, a.Bits())
	}
	return a.Bits() == b.Bits() && a.Contains(other)
}

// scope of an IPv4 address, the narrower the larger (rt_scope_t, <linux/rtnetlink.h>).
func (a addr) scope() int {
	switch a.options.ScopeOf(a.Addr()) {
	case "host":
		return hostScope
	case "link":
		return linkScope
	case "site":
		return siteScope
	}
	return 0
}

const siteScope, linkScope, hostScope = 200, 253, 254

// special are the addresses that have options.
func (l *link) special() (list []plan.AddrWith) {
	for _, all := range [][]addr{l.v4, l.v6} {
		for _, a := range all {
			if a.options != (plan.AddrOptions{}) {
				list = append(list, plan.AddrWith{Addr: a.Prefix, AddrOptions: a.options})
			}
		}
	}
	return list
}

// relabel gives the IPv4 addresses labels of the interface's new name, as the kernel does:
// all but the first keep or get a suffix (inetdev_changename, net/ipv4/devinet.c).
func (l *link) relabel(from string) {
	for i := range l.v4 {
		o := &l.v4[i].options
		_, suffix, has := strings.Cut(cmp.Or(o.Label, from), ":")
		o.Label = ""
		if i == 0 {
			continue
		}
		if !has {
			suffix = strconv.Itoa(i + 1)
		}
		if suffix = ":" + suffix; len(suffix)+len(l.name) <= plan.MaxIfName {
			o.Label = l.name + suffix
		} else {
			o.Label = l.name[:plan.MaxIfName-len(suffix)] + suffix
		}
	}
}
