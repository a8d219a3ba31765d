package restore

import (
	"maps"
	"slices"

	"nsl/runtime/plan"
)

// place is an item of a node.
type place struct{ node, key string }

// Changes are the ops that a program has done, found from what nodes held before and hold
// after it. A node that is only in one of them was made or deleted. Undone last first, the
// ops take away what was added, move back what was moved, and give back what was deleted.
func Changes(before, after plan.Content) []plan.Op {
	var made, back, added, deleted []plan.Op
	moves, moved := moves(before, after)
	for _, node := range slices.Sorted(maps.Keys(after)) {
		if _, had := before[node]; !had {
			made = append(made, plan.AddNS{Name: node})
		}
	}
	for _, node := range slices.Sorted(maps.Keys(before)) {
		if _, has := after[node]; !has {
			deleted = append(deleted, plan.DelNS{Name: node})
		}
	}
	for _, kind := range plan.ItemKinds() {
		for _, node := range slices.Sorted(maps.Keys(before)) {
			if _, has := after[node]; has {
				b, a := differing(node, kind, before, after, moved)
				b = cables(b, before, after)
				back, added = append(back, b...), append(added, a...)
			}
		}
	}
	slices.Reverse(back)
	return slices.Concat(made, back, moves, added, deleted)
}

// moves are the interfaces that are elsewhere, or have another name, and where.
func moves(before, after plan.Content) (ops []plan.Op, moved map[place]place) {
	moved = map[place]place{}
	for _, node := range slices.Sorted(maps.Keys(before)) {
		for _, item := range before[node] {
			if item.ID == "" || has(after, node, item) {
				continue
			}
			to, ok := find(after, before, item)
			if !ok {
				continue
			}
			moved[place{node, item.Key}] = to
			if to.node != node {
				ops = append(ops, plan.MoveLink{Node: node, Name: item.Key, To: to.node})
			}
			if to.key != item.Key {
				ops = append(ops, plan.RenameLink{Node: to.node, Name: item.Key, To: to.key})
			}
		}
	}
	return ops, moved
}

// has reports whether a node has an item of that kind and key.
func has(c plan.Content, node string, item plan.Item) bool {
	return slices.ContainsFunc(c[node], func(i plan.Item) bool { return i.Kind == item.Kind && i.Key == item.Key })
}

// find is where an interface is now that was not there before.
func find(after, before plan.Content, item plan.Item) (place, bool) {
	for _, node := range slices.Sorted(maps.Keys(after)) {
		for _, i := range after[node] {
			if i.ID == item.ID && i.Kind == item.Kind && !has(before, node, i) {
				return place{node, i.Key}, true
			}
		}
	}
	return place{}, false
}

// differing are the items of a kind that a node has not any more or that are others, and
// those that it did not have.
func differing(node, kind string, before, after plan.Content, moved map[place]place) (back, added []plan.Op) {
	came := map[place]bool{}
	for _, to := range moved {
		came[to] = true
	}
	for _, was := range before[node] {
		if was.Kind != kind {
			continue
		}
		at := place{node, was.Key}
		if to, ok := moved[at]; ok && kind == plan.LinkItem {
			at = to
		}
		if is := itemAt(after, at, kind); is.Kind == "" || is.Sum != was.Sum {
			back = append(back, plan.SetItem{Node: node, Was: was, Is: is})
		}
	}
	for _, is := range after[node] {
		if is.Kind == kind && kind != plan.SettingItem && !has(before, node, is) && !(kind == plan.LinkItem && came[place{node, is.Key}]) {
			added = append(added, plan.SetItem{Node: node, Is: is})
		}
	}
	return back, added
}

// cables have the other end of each veth cable that is gone with the end that comes first;
// the other then has its options left to be set.
func cables(gone []plan.Op, before, after plan.Content) []plan.Op {
	for i, op := range gone {
		o := op.(plan.SetItem)
		peer := place{o.Was.Peer.Node, o.Was.Peer.Link}
		other := itemAt(before, peer, plan.LinkItem)
		if o.Is.Kind != "" || other.Kind == "" || itemAt(after, peer, plan.LinkItem).Kind != "" {
			continue
		}
		if first(before, place{o.Node, o.Was.Key}, peer) {
			o.Other = other
		} else {
			o.Is = plan.Item{Kind: plan.LinkItem, Key: o.Was.Key, Text: o.Was.Text}
		}
		gone[i] = o
	}
	return gone
}

// first reports whether Changes meets an interface before another one.
func first(c plan.Content, one, other place) bool {
	if one.node != other.node {
		return one.node < other.node
	}
	at := func(p place) int {
		return slices.IndexFunc(c[p.node], func(i plan.Item) bool { return i.Kind == plan.LinkItem && i.Key == p.key })
	}
	return at(one) < at(other)
}

func itemAt(c plan.Content, at place, kind string) plan.Item {
	for _, i := range c[at.node] {
		if i.Kind == kind && i.Key == at.key {
			return i
		}
	}
	return plan.Item{}
}
