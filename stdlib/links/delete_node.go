package links

import (
	"cmp"
	"reflect"
	"slices"

	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// deleteContents deletes what a node has, one by one: a namespace whose name is
// restored has all that it held, but the kernel deletes its cables when it ends.
func deleteContents(p *verb.Plan, name syntax.Endpoint, gone map[plan.Ref]bool) {
	links := verb.Ask(p, name.Span, p.Links, name.Value)
	var deletions []plan.DelLink
	for _, l := range inOrderOfDeletion(links) {
		if !gone[l.Ref()] {
			deletions = append(deletions, delLink(p, l, gone))
		}
	}
	routesLast(deletions)
	for _, d := range deletions {
		p.Do(name.Span, d)
	}
}

// routesLast moves the routes to where all interfaces are there again: one route
// may lead over several of them.
func routesLast(deletions []plan.DelLink) {
	var routes []plan.Op
	for i, d := range deletions {
		deletions[i].Was = slices.DeleteFunc(d.Was, func(op plan.Op) bool {
			switch op.(type) {
			case plan.AddRoute, plan.DelRoute:
			default:
				return false
			}
			if !slices.ContainsFunc(routes, func(o plan.Op) bool { return reflect.DeepEqual(o, op) }) {
				routes = append(routes, op)
			}
			return true
		})
	}
	if len(deletions) > 0 {
		deletions[0].Was = append(deletions[0].Was, routes...)
	}
}

// inOrderOfDeletion puts upper devices before their lower device, and what others are
// in after these: made again in the opposite order, each finds what it needs.
func inOrderOfDeletion(links []plan.Link) []plan.Link {
	heights := map[string]int{}
	for range links { // a bridge may have a bond as its port
		for _, l := range links {
			if l.Upper() != "" {
				heights[l.Upper()] = max(heights[l.Upper()], min(heights[l.Name]+1, len(links)))
			}
		}
	}
	list := slices.DeleteFunc(slices.Clone(links), func(l plan.Link) bool { return l.Name == plan.Loopback })
	slices.SortStableFunc(list, func(a, b plan.Link) int {
		return cmp.Or(heights[a.Name]-heights[b.Name], b.Index-a.Index)
	})
	return list
}
