package model

// Families, as indexes.
const (
	v4 = iota
	v6
)

// catalogue is what the model knows of the kernel's settings: their defaults
// (Documentation/networking/ip-sysctl.rst). Keys that are not in it have the
// value "" until they are written.
type catalogue struct {
	// conf are those that each interface has, by family.
	conf [2]map[string]string
	// single are the others, by their whole key.
	single map[string]string
}

func newCatalogue() *catalogue {
	return &catalogue{conf: [2]map[string]string{confV4(), confV6()}, single: singles()}
}

func confV4() map[string]string {
	return map[string]string{
		"accept_local": "0", "accept_redirects": "1", "accept_source_route": "0", "arp_accept": "0",
		"arp_announce": "0", "arp_evict_nocarrier": "1", "arp_filter": "0", "arp_ignore": "0",
		"arp_notify": "0", "bc_forwarding": "0", "bootp_relay": "0", "disable_policy": "0",
		"disable_xfrm": "0", "drop_gratuitous_arp": "0", "drop_unicast_in_l2_multicast": "0",
		"force_igmp_version": "0", "forwarding": "0", "ignore_routes_with_linkdown": "0",
		"log_martians": "0", "mc_forwarding": "0", "medium_id": "0", "promote_secondaries": "0",
		"proxy_arp": "0", "proxy_arp_pvlan": "0", "route_localnet": "0", "rp_filter": "0",
		"secure_redirects": "1", "send_redirects": "1", "shared_media": "1", "src_valid_mark": "0",
		"tag": "0",
	}
}

func confV6() map[string]string {
	return map[string]string{
		"accept_dad": "1", "accept_ra": "1", "accept_ra_defrtr": "1", "accept_ra_mtu": "1",
		"accept_ra_pinfo": "1", "accept_ra_rtr_pref": "1", "accept_redirects": "1",
		"accept_source_route": "0", "addr_gen_mode": "0", "autoconf": "1", "dad_transmits": "1",
		"disable_ipv6": "0", "disable_policy": "0", "enhanced_dad": "1", "force_tllao": "0",
		"forwarding": "0", "hop_limit": "64", "ignore_routes_with_linkdown": "0",
		"keep_addr_on_down": "0", "max_addresses": "16", "mc_forwarding": "0", "ndisc_notify": "0",
		"optimistic_dad": "0", "proxy_ndp": "0", "router_solicitations": "-1", "seg6_enabled": "0",
		"use_oif_addrs_only": "0", "use_tempaddr": "0",
	}
}

func singles() map[string]string {
	return map[string]string{
		"net.ipv4.fib_multipath_hash_policy": "0", "net.ipv4.fwmark_reflect": "0",
		"net.ipv4.icmp_echo_ignore_all": "0", "net.ipv4.icmp_echo_ignore_broadcasts": "1",
		"net.ipv4.icmp_errors_use_inbound_ifaddr": "0", "net.ipv4.icmp_ratelimit": "1000",
		"net.ipv4.icmp_ratemask": "6168", "net.ipv4.ip_default_ttl": "64",
		"net.ipv4.ip_no_pmtu_disc": "0", "net.ipv4.ip_nonlocal_bind": "0",
		"net.ipv4.ip_unprivileged_port_start": "1024", "net.ipv4.tcp_ecn": "2",
		"net.ipv4.tcp_sack": "1", "net.ipv4.tcp_syncookies": "1", "net.ipv4.tcp_timestamps": "1",
		"net.ipv4.tcp_window_scaling": "1", "net.ipv6.bindv6only": "0",
		"net.ipv6.fib_multipath_hash_policy": "0", "net.ipv6.icmp.echo_ignore_all": "0",
		"net.ipv6.icmp.ratelimit": "1000", "net.ipv6.ip_nonlocal_bind": "0",
	}
}
