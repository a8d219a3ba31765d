package importing

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// differences are what another state has (+), or lacks (-).
func (s State) differences(other State) []string {
	var list []string
	names := slices.Sorted(maps.Keys(s))
	for n := range other {
		if _, ok := s[n]; !ok {
			names = append(names, n)
		}
	}
	for _, n := range names {
		_, here := s[n]
		_, there := other[n]
		if here != there {
			list = append(list, map[bool]string{true: "+ ", false: "- "}[there]+n+": node")
			continue
		}
		list = append(list, lineDifferences(n, s[n], other[n])...)
	}
	return list
}

func lineDifferences(node string, a, b []string) (list []string) {
	if slices.Equal(a, b) {
		return nil
	}
	rest := slices.Clone(b)
	for _, line := range a {
		if i := slices.Index(rest, line); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
			continue
		}
		list = append(list, "- "+node+": "+line)
	}
	for _, line := range rest {
		list = append(list, "+ "+node+": "+line)
	}
	if len(list) == 0 {
		list = append(list, "! "+node+": the rules of the packet filter are in another order")
	}
	return list
}

// summary counts what there is: "5 nodes, 9 links, 4 routes, 3 rules". The ends of a
// cable are one link; routes that the kernel made with an address do not count.
func (s State) summary() string {
	links, cables, routes, rules := 0, 0, 0, 0
	for node, lines := range s {
		for _, l := range lines {
			kind, rest, _ := strings.Cut(l, " ")
			switch {
			case kind == "link" && !strings.HasPrefix(rest, plan.Loopback+" "):
				links++
			case kind == "cable":
				cables++
			case kind == "route" && !strings.Contains(rest, "protocol=kernel"):
				routes++
			case kind == "rule" || kind == plan.NftProgram && strings.HasPrefix(rest, "rule"):
				rules++
			}
		}
		_ = node
	}
	nodes := len(s) - 1
	return strings.Join([]string{count(nodes, "node"), count(links-cables/2, "link"), count(routes, "route"), count(rules, "rule")}, ", ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
