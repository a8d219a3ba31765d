package watch

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"nsl/runtime/plan"
)

// Counters are the counters of the nodes that count packets which they dropped, and
// that are not 0, and [plan.RouterAdvertisements] (proc(5), /proc/net/snmp, netstat, snmp6, xfrm_stat).
func Counters(inside Inside, nodes []string) ([]plan.DropCount, error) {
	var list []plan.DropCount
	for _, n := range nodes {
		err := inside(n, func() error {
			for _, file := range []string{"snmp", "netstat", "snmp6", "xfrm_stat"} {
				text, err := os.ReadFile("/proc/thread-self/net/" + file)
				if err != nil {
					continue // a kernel without it
				}
				for name, value := range counters(text) {
					if value != 0 && drops(name) {
						list = append(list, plan.DropCount{Node: n, Counter: name, Times: value})
					}
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// counters reads lines of names, each followed by one of values, or lines of a name and its
// value.
func counters(text []byte) map[string]int {
	all := map[string]int{}
	var names []string
	for line := range bytes.Lines(text) {
		f := strings.Fields(string(line))
		switch {
		case len(f) == 2 && !strings.HasSuffix(f[0], ":"):
			all[f[0]], _ = strconv.Atoi(f[1])
		case len(names) > 0 && len(f) == len(names) && f[0] == names[0]:
			for i := 1; i < len(f); i++ {
				all[strings.TrimSuffix(f[0], ":")+" "+names[i]], _ = strconv.Atoi(f[i])
			}
			names = nil
		default:
			names = f
		}
	}
	return all
}

// drops reports whether a counter is one of packets that were dropped, or the one of
// router advertisements.
func drops(name string) bool {
	proto, of, _ := strings.Cut(name, " ")
	if strings.HasPrefix(proto, "Xfrm") {
		return true
	}
	switch name {
	case "Ip InHdrErrors", "Ip InAddrErrors", "Ip InUnknownProtos", "Ip InDiscards", "Ip OutDiscards", "Ip OutNoRoutes", "Ip ReasmFails", "Ip FragFails",
		"IpExt InNoRoutes", "IpExt InTruncatedPkts", "IpExt InCsumErrors", "Icmp InErrors", "Icmp InCsumErrors", "Tcp InErrs", "Tcp InCsumErrors",
		"Ip6InHdrErrors", "Ip6InTooBigErrors", "Ip6InNoRoutes", "Ip6InAddrErrors", "Ip6InUnknownProtos", "Ip6InTruncatedPkts", "Ip6InDiscards", "Ip6OutDiscards",
		"Ip6OutNoRoutes", "Ip6ReasmFails", "Ip6FragFails", plan.RouterAdvertisements:
		return true
	}
	return proto == "TcpExt" && (strings.HasSuffix(of, "Drop") || strings.HasSuffix(of, "Drops") || of == "ListenOverflows" || of == "IPReversePathFilter" || of == "ArpFilter")
}
