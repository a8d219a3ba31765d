package lab

import (
	"slices"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// OwnResolver is a node's own resolver: empty when it asks those of the host.
func OwnResolver(p *verb.Plan, node string) (plan.Resolver, error) {
	own, err := p.Resolver(node)
	if err != nil || node == plan.Host {
		return own, err
	}
	host, err := p.Resolver(plan.Host)
	if SameResolver(own, host) {
		return plan.Resolver{}, err
	}
	return own, err
}

// SameResolver reports whether two resolvers ask the same servers.
func SameResolver(a, b plan.Resolver) bool {
	return slices.Equal(a.Servers, b.Servers) && slices.Equal(a.Search, b.Search)
}
