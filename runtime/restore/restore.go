// Package restore brings a lab back to what it was. The inverse of an op undoes what
// the op does; the kernel does more of its own accord: it resets settings, removes
// addresses and routes and puts them in another order. A [Snapshot] that was taken
// before finds such differences, whatever caused them.
package restore

import (
	"errors"
	"reflect"
	"slices"

	"nsl/runtime/plan"
)

// Snapshot is what some nodes had.
type Snapshot struct {
	nodes []node
}

type node struct {
	name     string
	links    []plan.Link
	routes   []plan.Route
	settings []plan.Setting
	// neighbours are those that were made by hand.
	neighbours []plan.Neighbour
	auto       map[plan.AddrUse]bool
}

// Take reads, before ops are applied, the nodes that these and their inverses may change
// in more ways than they say, and the nodes that programs may change. The book says which
// addresses nsl chose.
func Take(v plan.View, book *plan.Book, ops []plan.Op, programs []string) (*Snapshot, error) {
	s := &Snapshot{}
	names := append(touched(ops), programs...)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		n, err := take(v, name, slices.Contains(programs, name) || slices.ContainsFunc(ops, resetsSettings))
		if errors.Is(err, plan.ErrNoNode) {
			continue // it is to be created
		}
		if err != nil {
			return nil, err
		}
		for _, l := range n.links {
			for _, u := range book.On(l.Ref()) {
				n.auto[u] = u.Auto
			}
		}
		s.nodes = append(s.nodes, n)
	}
	return s, nil
}

func take(v plan.View, name string, settings bool) (n node, err error) {
	n = node{name: name, auto: map[plan.AddrUse]bool{}}
	if n.links, err = v.Links(name); err != nil {
		return n, err
	}
	if n.neighbours, err = plan.ByHand(v, name); err != nil {
		return n, err
	}
	if n.routes, err = v.Routes(name); err != nil || !settings {
		return n, err
	}
	n.settings, err = v.Settings(name)
	return n, err
}

// resetsSettings reports an op after which settings of interfaces may differ.
func resetsSettings(op plan.Op) bool {
	switch op.(type) {
	case plan.SetSysctl, plan.SetMTU, plan.DelLink, plan.MoveLink:
		return true
	default:
		return false
	}
}

// exact reports an op whose inverse leaves nothing to be restored.
func exact(op plan.Op) bool {
	switch o := op.(type) {
	case plan.SetOption:
		return o.Option != "arp" // with which the neighbour entries go
	case plan.AddAddr, plan.DelAddr, plan.AddRoute, plan.DelRoute, plan.SetUp, plan.SetDown, plan.SetMAC,
		plan.SetMaster, plan.RenameLink, plan.SetSysctl, plan.SetMTU, plan.DelLink, plan.MoveLink:
		return false
	default:
		return true
	}
}

// touched are the nodes of the ops, and of those that undo them.
func touched(ops []plan.Op) []string {
	var names []string
	for _, op := range ops {
		if exact(op) {
			continue
		}
		for _, o := range append(op.Inverse(), op) {
			for _, name := range places(o) {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

// places are the nodes in which an op changes something.
func places(op plan.Op) []string {
	switch o := op.(type) {
	case plan.AddVeth:
		return []string{o.A.Node, o.B.Node}
	case plan.MoveLink:
		return []string{o.Node, o.To}
	default:
		return placeField(op)
	}
}

// placeField is the node that an op names.
func placeField(op plan.Op) []string {
	if f := reflect.ValueOf(op).FieldByName("Node"); f.IsValid() {
		return []string{f.String()}
	}
	return nil
}

// Restore applies what is missing once the inverses of the ops were applied. It goes on
// after an error, and returns them all. What is there beside what was is left: it was
// made by programs.
func (s *Snapshot) Restore(v plan.View, apply func(plan.Op) error) error {
	var errs []error
	for _, n := range s.nodes {
		if has, err := v.HasNode(n.name); err != nil || !has {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, n.restoreSettings(v, apply), n.restoreAddrs(v, apply), n.restoreNeighbours(v, apply), n.restoreRoutes(v, apply))
	}
	return errors.Join(errs...)
}
