package show

import (
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// forwardRows are the entries of a node's bridges and vxlans for hardware addresses elsewhere.
func forwardRows(view plan.View, node string) ([][]string, error) {
	list, err := view.Forwarding(node)
	list = slices.DeleteFunc(slices.Clone(list), func(e plan.ForwardEntry) bool {
		return e.Local || e.MAC != plan.NoMAC && isGroup(e.MAC)
	})
	slices.SortStableFunc(list, func(a, b plan.ForwardEntry) int { return strings.Compare(a.Dev, b.Dev) })
	return rowsOf(list, func(e plan.ForwardEntry) []string {
		dst, state := "-", "learned"
		if e.Dst.IsValid() {
			dst = e.Dst.String()
		}
		if e.Static {
			state = "static"
		}
		return []string{node, e.Dev, e.MAC, dst, state}
	}), err
}

// isGroup reports whether a hardware address is that of many (IEEE 802): its first byte is odd.
func isGroup(mac string) bool { return len(mac) > 1 && strings.ContainsRune("13579bdf", rune(mac[1])) }
