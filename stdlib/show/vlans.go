package show

import "nsl/runtime/plan"

// vlanRows are the bridges that filter VLANs, each followed by its ports.
func vlanRows(view plan.View, node string) ([][]string, error) {
	links, err := byName(view, node)
	var rows [][]string
	row := func(bridge, port plan.Link, name string) {
		rows = append(rows, []string{node, bridge.Name, name, plan.VLANText(port.VLANs)})
	}
	for _, b := range links {
		if !b.VLANFiltering {
			continue
		}
		row(b, b, "(itself)")
		for _, p := range links {
			if p.Master == b.Name {
				row(b, p, p.Name)
			}
		}
	}
	return rows, err
}
