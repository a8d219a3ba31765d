package state

import (
	"slices"

	"nsl/runtime/plan"
)

// delNeighbours deletes entries that are not wanted. Those of an interface that goes go with
// it.
func (d *differ) delNeighbours(now, want *Node) {
	for _, n := range now.Neighbours {
		if slices.Contains(want.Neighbours, n) || !same(now.link(n.Dev), want.link(n.Dev)) {
			continue
		}
		if n.State == plan.Proxy {
			d.do(plan.DelProxy{Node: now.Name, Dev: n.Dev, IP: n.IP})
		} else {
			d.do(plan.DelNeighbour{Node: now.Name, Dev: n.Dev, IP: n.IP, MAC: n.MAC})
		}
	}
}

func (d *differ) addNeighbours(now, want *Node) {
	for _, n := range want.Neighbours {
		if slices.Contains(now.Neighbours, n) && same(now.link(n.Dev), want.link(n.Dev)) {
			continue
		}
		if n.State == plan.Proxy {
			d.do(plan.AddProxy{Node: want.Name, Dev: n.Dev, IP: n.IP})
		} else {
			d.do(plan.SetNeighbour{Node: want.Name, Dev: n.Dev, IP: n.IP, MAC: n.MAC})
		}
	}
}

// delForward deletes entries of forwarding databases likewise.
func (d *differ) delForward(now, want *Node) {
	for _, e := range now.Forward {
		if !slices.Contains(want.Forward, e) && same(now.link(e.Dev), want.link(e.Dev)) {
			d.do(plan.DelForward{Node: now.Name, Dev: e.Dev, MAC: e.MAC, Dst: e.Dst})
		}
	}
}

func (d *differ) addForward(now, want *Node) {
	for _, e := range want.Forward {
		if !slices.Contains(now.Forward, e) || !same(now.link(e.Dev), want.link(e.Dev)) {
			d.do(plan.AddForward{Node: want.Name, Dev: e.Dev, MAC: e.MAC, Dst: e.Dst})
		}
	}
}
