package why

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Testimony says how far a packet was seen to get, and the counters of dropped packets that
// rose meanwhile in the node where it was seen last.
func Testimony(env *verb.Env, r Request, seen []plan.Sighting, before, after []plan.DropCount) string {
	q := inquire(env, r, "")
	list := q.ofOne(seen)
	far, node := q.farthest(list), r.node
	if len(list) > 0 {
		node = list[len(list)-1].Node
	}
	counted := risen(node, before, after)
	switch {
	case len(counted) == 0:
		return far
	case far == "":
		return fmt.Sprintf("the answer reached %s, which counted it as dropped: %s", node, strings.Join(counted, ", "))
	}
	return fmt.Sprintf("%s; meanwhile %s counted it as dropped: %s", far, node, strings.Join(counted, ", "))
}

// risen are the counters of a node that rose, with what they mean.
func risen(node string, before, after []plan.DropCount) (list []string) {
	for _, a := range after {
		was := 0
		for _, b := range before {
			if b.Node == a.Node && b.Counter == a.Counter {
				was = b.Times
			}
		}
		if a.Node == node && a.Times > was && a.Counter != plan.RouterAdvertisements {
			list = append(list, strings.TrimSpace(a.Counter+" "+counterWords(a.Counter)))
		}
	}
	slices.Sort(list)
	return list
}

// counterWords are what a counter counts (Documentation/networking/snmp_counter.rst,
// xfrm/xfrm_proc.rst).
func counterWords(counter string) string {
	words := map[string]string{
		"Ip InHdrErrors":             "a wrong header, or a time to live that ended",
		"Ip InAddrErrors":            "not its own address, and no forwarding",
		"Ip ReasmFails":              "fragments that did not make a packet",
		"Ip FragFails":               "too big, and not to be fragmented",
		"Ip OutNoRoutes":             "no route",
		"IpExt InNoRoutes":           "no route",
		"IpExt InCsumErrors":         "a wrong checksum",
		"TcpExt IPReversePathFilter": "a source that is not believed, rp_filter",
		"TcpExt ListenOverflows":     "the server's queue of connections is full",
		"TcpExt ArpFilter":           "arp_filter",
		"Ip6InNoRoutes":              "no route",
		"Ip6InAddrErrors":            "a wrong address",
		"Ip6InTooBigErrors":          "too big",
	}[counter]
	if words = cmp.Or(words, map[bool]string{true: "IPsec, ip xfrm policy"}[strings.HasPrefix(counter, "Xfrm")]); words != "" {
		return "(" + words + ")"
	}
	return ""
}
