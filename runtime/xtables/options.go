package xtables

import (
	"maps"
	"slices"
)

// Options are the names of the options of matches and targets that iptables(8) has and that
// are known here, whether or not they are supported.
func Options() []string {
	list := []string{"--to", "--to-port", "--random", "--random-fully", "--persistent", "--log-level", "--log-tcp-sequence", "--log-tcp-options",
		"--log-ip-options", "--log-uid", "--clamp-mss-to-pmtu", "--set-mss", "--notrack", "--set-xmark", "--or-mark", "--and-mark", "--xor-mark",
		"--save-mark", "--restore-mark", "--src", "--dst", "--proto", "--fragment", "--goto", "--new-chain", "--delete-chain", "--replace", "--check",
		"--insert", "--delete", "--zero", "--list", "--list-rules", "--rename-chain", "--exact", "--wait", "--uid-owner", "--gid-owner", "--physdev-in", "--physdev-out",
		"--physdev-is-bridged", "--ttl-set", "--ttl-inc", "--ttl-dec", "--hl-set", "--set-dscp", "--set-tos", "--dscp", "--tos", "--string", "--algo",
		"--hashlimit-name", "--hashlimit-above", "--hashlimit-upto", "--hashlimit-mode", "--connlimit-above", "--connlimit-mask", "--match-set", "--name",
		"--update", "--seconds", "--hitcount", "--rcheck", "--set", "--remove", "--rsource", "--rdest", "--timestart", "--timestop", "--weekdays",
		"--ctorigdst", "--ctorigsrc", "--ctproto", "--ctdir", "--ctstatus", "--nflog-group", "--nflog-prefix", "--queue-num", "--gateway", "--on-port",
		"--on-ip", "--tproxy-mark", "--every", "--packet", "--probability", "--zone", "--helper", "--set-class", "--ttl", "--set-counters", "--version",
		"--help", "--modprobe", "--ipv4", "--ipv6", "--source-ports", "--destination-ports", "--socket-exists", "--transparent", "--pol", "--dir", "--rt-type"}
	for _, six := range []bool{false, true} {
		for _, k := range kinds(six) {
			list = slices.AppendSeq(list, maps.Keys(k.options))
		}
		for _, c := range changes(six) {
			list = slices.AppendSeq(list, maps.Keys(c.options))
		}
	}
	return list
}

// Matches are the names of the matches that are supported.
func Matches() []string {
	return append(slices.Sorted(maps.Keys(kinds(false))), "icmp6", "icmpv6")
}
