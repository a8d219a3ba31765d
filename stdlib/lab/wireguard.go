package lab

import "nsl/runtime/plan"

// WGName is the interface with that public key, or the key.
func WGName(view plan.View, key plan.WGKey) string {
	nodes, err := plan.AllNodes(view)
	if err != nil {
		return key.String()
	}
	for _, n := range nodes {
		links, _ := view.Links(n)
		for _, l := range links {
			if l.Kind == plan.WireGuard && l.WG.Key.Public() == key {
				return l.Ref().String()
			}
		}
	}
	return key.String()
}
