package model

import (
	"maps"
	"slices"

	"nsl/runtime/plan"
)

// Settings are the settings of the catalogue that each interface of a node has; see
// [plan.View].
func (m *Model) Settings(node string) ([]plan.Setting, error) {
	n, err := m.node(node)
	if err != nil {
		return nil, err
	}
	scopes := []string{"all", "default"}
	for _, l := range n.byIndex {
		scopes = append(scopes, l.name)
	}
	var list []plan.Setting
	for family, dir := range []string{"net/ipv4/conf/", "net/ipv6/conf/"} {
		for _, scope := range scopes {
			for _, leaf := range slices.Sorted(maps.Keys(m.known.conf[family])) {
				key := dir + scope + "/" + leaf
				// An interface that is too small for IPv6 has no settings of it.
				if value, err := m.Sysctl(node, key); err == nil {
					list = append(list, plan.Setting{Key: key, Value: value})
				}
			}
		}
	}
	return list, nil
}
