package kernel

import (
	"slices"
	"strings"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// settingsDir is a directory of settings: "ipv4", "conf" and "eth0" are net/ipv4/conf/eth0.
type settingsDir struct{ family, kind, link string }

func (d settingsDir) path() string { return d.family + "/" + d.kind + "/" + d.link }

// ofAll reports a directory that belongs to no interface, of which netlink does not show
// all values.
func (d settingsDir) ofAll() bool { return d.link == "all" || d.link == "default" }

// shown reports a setting of an interface that netlink shows. Of IPv4 and of the neighbour
// tables it shows all. Of IPv6 ipv6_store_devconf (net/ipv6/addrconf.c) lists them one by
// one, and misses some.
func (d settingsDir) shown(name string) bool {
	return d.family != "ipv6" || d.kind != "conf" || slices.Contains(shownOfIPv6(), name)
}

func shownOfIPv6() []string {
	return strings.Fields(`
	accept_dad accept_ra accept_ra_defrtr accept_ra_from_local accept_ra_min_hop_limit
	accept_ra_min_lft accept_ra_mtu accept_ra_pinfo accept_ra_rt_info_max_plen
	accept_ra_rt_info_min_plen accept_ra_rtr_pref accept_redirects accept_source_route
	accept_untracked_na addr_gen_mode autoconf dad_transmits disable_ipv6 disable_policy
	drop_unicast_in_l2_multicast drop_unsolicited_na enhanced_dad force_forwarding
	force_mld_version force_tllao forwarding hop_limit ignore_routes_with_linkdown
	ioam6_enabled ioam6_id ioam6_id_wide keep_addr_on_down max_addresses max_desync_factor
	mldv1_unsolicited_report_interval mldv2_unsolicited_report_interval mtu
	ndisc_evict_nocarrier ndisc_notify ndisc_tclass optimistic_dad proxy_ndp ra_defrtr_metric
	regen_max_retry router_probe_interval router_solicitation_delay
	router_solicitation_interval router_solicitation_max_interval router_solicitations
	rpl_seg_enabled seg6_enabled seg6_require_hmac suppress_frag_ndisc
	temp_valid_lft use_oif_addrs_only use_optimistic use_tempaddr`)
}

// settingsSeen are all values that netlink shows of the directories of settings of a node's
// interfaces, as they are in its messages. Only whether they are equal matters: then the
// settings are, but for those that are not shown.
func (h *handle) settingsSeen() (map[settingsDir]string, error) {
	seen := map[settingsDir]string{}
	names := map[int]string{}
	msgs, err := h.route.dump(unix.RTM_GETLINK, unix.RTM_NEWLINK, nl.NewIfInfomsg(unix.AF_UNSPEC), linkFilter())
	if err != nil {
		return nil, err
	}
	for _, m := range msgs {
		name := str(rtnl.Attribute(m, unix.SizeofIfInfomsg, unix.IFLA_IFNAME))
		if len(m) < unix.SizeofIfInfomsg || plan.FallbackName(name) {
			continue
		}
		names[int(nl.DeserializeIfInfomsg(m).Index)] = name
		seeConf(seen, name, rtnl.Attribute(m, unix.SizeofIfInfomsg, unix.IFLA_AF_SPEC))
	}
	msgs, err = h.route.dump(unix.RTM_GETNEIGHTBL, unix.RTM_NEWNEIGHTBL, &nl.RtGenMsg{})
	for _, m := range msgs {
		seeNeigh(seen, names, m)
	}
	return seen, err
}

// seeConf finds what is below conf: IFLA_INET_CONF and IFLA_INET6_CONF have the values by
// the kernel's numbers (IPV4_DEVCONF_*, DEVCONF_*: <linux/ip.h>, <linux/ipv6.h>).
func seeConf(seen map[settingsDir]string, link string, spec []byte) {
	const inetConf, inet6Conf = 1, 2 // <linux/if_link.h>
	if conf := rtnl.Attribute(rtnl.Attribute(spec, 0, unix.AF_INET), 0, inetConf); conf != nil {
		seen[settingsDir{"ipv4", "conf", link}] = string(conf)
	}
	if conf := rtnl.Attribute(rtnl.Attribute(spec, 0, unix.AF_INET6), 0, inet6Conf); conf != nil {
		seen[settingsDir{"ipv6", "conf", link}] = string(conf)
	}
}

// sizeofNdtMsg is the size of struct ndtmsg (<linux/neighbour.h>).
const sizeofNdtMsg = 4

// seeNeigh finds what is below neigh: the parameters of an interface in a neighbour table
// (rtnetlink(7), RTM_GETNEIGHTBL), without those that are no settings.
func seeNeigh(seen map[settingsDir]string, names map[int]string, msg []byte) {
	const ndtaParms, ifindex, refcnt, reachableTime = 6, 1, 2, 3 // <linux/neighbour.h>
	family, ok := map[byte]string{unix.AF_INET: "ipv4", unix.AF_INET6: "ipv6"}[msg[0]]
	if !ok {
		return
	}
	var link string
	var values strings.Builder
	for typ, value := range rtnl.Attributes(rtnl.Attribute(msg, sizeofNdtMsg, ndtaParms), 0) {
		switch typ {
		case ifindex:
			link = names[number(value)]
		case refcnt, reachableTime: // the second is drawn by lot every few minutes
		default:
			values.WriteByte(byte(typ))
			values.Write(value)
		}
	}
	if link != "" {
		seen[settingsDir{family, "neigh", link}] = values.String()
	}
}
