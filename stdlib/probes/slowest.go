package probes

import (
	"slices"
	"time"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// silence is how long nothing must come to prove that nothing does: as long as the
// probe says, but longer where replies in this lab are slow.
func silence(usual, slowest time.Duration) time.Duration {
	const roundTrips, most = 3, 10 * time.Second
	return max(usual, min(roundTrips*slowest, most))
}

// slowest is the longest round trip of the lab: one that was measured, or one that the
// delays of its interfaces allow.
func slowest(env *verb.Env) time.Duration {
	return max(env.Slowest.RTT(), delays(env))
}

// delays bound what the queueing disciplines of a lab add to a round trip. A request
// passes a node, or a bridge in it, once and the reply once, so the two slowest of its
// interfaces count. One with a single interface is an end of the way, and there are two
// ends. What cannot be read adds nothing.
func delays(view plan.View) time.Duration {
	nodes, err := view.Nodes()
	if err != nil {
		return 0
	}
	var total time.Duration
	var single []time.Duration
	for _, n := range nodes {
		links, err := view.Links(n)
		if err != nil {
			continue
		}
		for _, group := range delaysOf(links) {
			if len(group) == 1 {
				single = append(single, group[0])
				continue
			}
			total += twoLargest(group)
		}
	}
	return total + twoLargest(single)
}

// delaysOf are the longest delays of a node's interfaces, those of each bridge's ports
// apart.
func delaysOf(links []plan.Link) map[string][]time.Duration {
	groups := map[string][]time.Duration{}
	for _, l := range links {
		if l.Name != "lo" {
			groups[l.Master] = append(groups[l.Master], l.Shape.Delay+l.Shape.Jitter)
		}
	}
	return groups
}

// twoLargest is the sum of the two largest, or of the only one.
func twoLargest(list []time.Duration) time.Duration {
	slices.Sort(list)
	var sum time.Duration
	for _, d := range list[max(0, len(list)-2):] {
		sum += d
	}
	return sum
}
