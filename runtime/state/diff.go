package state

import (
	"reflect"
	"slices"

	"nsl/runtime/plan"
)

// Note is a difference that no op removes.
type Note struct {
	// Kind is as that of an op; see [KindOf].
	Kind string
	// Object is what differs, Text how.
	Object, Text string
}

// differ collects the ops between two states.
type differ struct {
	now, want *Lab
	ops       []plan.Op
	notes     []Note
	// duplicates are the addresses that are wanted twice on a segment.
	duplicates map[plan.AddrUse]bool
}

func (d *differ) do(ops ...plan.Op) { d.ops = append(d.ops, ops...) }

func (d *differ) note(kind, object, text string) { d.notes = append(d.notes, Note{kind, object, text}) }

// Diff are the ops that make a lab what is wanted, in the order to apply them, as far as one
// look shows: what the kernel will do besides, such as the route to the subnet of a new
// address, is left to it, and what it takes away with an interface is not added. Hardware
// addresses that are wanted as "" may be any. The notes are what no op does.
func Diff(now, want *Lab) ([]plan.Op, []Note) {
	d := &differ{now: now, want: want, duplicates: want.duplicates()}
	d.both((*differ).stopServices)
	d.both((*differ).delFilter)
	d.both((*differ).delRules)
	d.both((*differ).delNeighbours)
	d.both((*differ).delForward)
	d.delLinks()
	d.delNodes()
	d.addNodes()
	d.addLinks()
	d.each((*differ).links)
	d.each((*differ).addrs)
	d.each((*differ).addNeighbours)
	d.each((*differ).addForward)
	d.each((*differ).settings)
	d.each((*differ).routes)
	d.each((*differ).addRules)
	d.each((*differ).addFilter)
	d.each((*differ).nodeNames)
	d.each((*differ).startServices)
	return d.ops, d.notes
}

// both does something for the nodes that are there and wanted.
func (d *differ) both(f func(d *differ, now, want *Node)) {
	for i := range d.now.Nodes {
		now := &d.now.Nodes[i]
		if want := d.want.Node(now.Name); want != nil {
			f(d, now, want)
		}
	}
}

// each does something for the nodes that are wanted, made already or not.
func (d *differ) each(f func(d *differ, now, want *Node)) {
	for i := range d.want.Nodes {
		want := &d.want.Nodes[i]
		now := d.now.Node(want.Name)
		if now == nil {
			now = &Node{Name: want.Name, Links: []Link{{Link: plan.Link{Node: want.Name, Name: plan.Loopback, Up: true}}}}
		}
		f(d, now, want)
	}
}

func (d *differ) delNodes() {
	for _, n := range d.now.Nodes {
		if d.want.Node(n.Name) == nil {
			d.do(plan.DelNS{Name: n.Name})
		}
	}
}

func (d *differ) addNodes() {
	for _, n := range d.want.Nodes {
		if d.now.Node(n.Name) == nil {
			d.do(plan.NewNode(n.Name)...)
		}
	}
}

func (d *differ) stopServices(now, want *Node) {
	for _, r := range slices.Backward(now.Services) {
		if w := want.service(r.ID); w == nil || !sameService(r.Service, w.Service) {
			d.do(plan.Stop{Node: now.Name, ID: r.ID, Service: r.Service})
		}
	}
}

func (d *differ) startServices(now, want *Node) {
	for _, w := range want.Services {
		if r := now.service(w.ID); r == nil || !sameService(r.Service, w.Service) {
			d.do(plan.Start{Node: want.Name, ID: w.ID, Service: w.Service})
		}
	}
}

func (n *Node) service(id string) *plan.Running {
	for i := range n.Services {
		if n.Services[i].ID == id {
			return &n.Services[i]
		}
	}
	return nil
}

// sameService compares services; an empty list is as good as none. What a DHCP server does not
// lend is in use, and part of the state as such.
func sameService(a, b plan.Service) bool {
	x, y := reflect.ValueOf(withoutExceptions(a)), reflect.ValueOf(withoutExceptions(b))
	if x.Type() != y.Type() {
		return false
	}
	for i := range x.NumField() {
		f, g := x.Field(i), y.Field(i)
		if f.Kind() == reflect.Slice && f.Len() == 0 && g.Len() == 0 {
			continue
		}
		if !reflect.DeepEqual(f.Interface(), g.Interface()) {
			return false
		}
	}
	return true
}

func withoutExceptions(s plan.Service) plan.Service {
	d, ok := s.(plan.DHCP)
	if !ok {
		return s
	}
	d.Except, d.Relayed = nil, slices.Clone(d.Relayed)
	for i := range d.Relayed {
		d.Relayed[i].Except = nil
	}
	return d
}

func (d *differ) nodeNames(now, want *Node) {
	for _, name := range now.Names {
		if !slices.Contains(want.Names, name) {
			d.do(plan.DelName{Node: now.Name, Name: name})
		}
	}
	for _, name := range want.Names {
		if !slices.Contains(now.Names, name) {
			d.do(plan.AddName{Node: now.Name, Name: name})
		}
	}
	if !sameResolver(now.Resolver, want.Resolver) {
		d.do(plan.SetResolver{Node: now.Name, Resolver: want.Resolver, Was: now.Resolver})
	}
}

func sameResolver(a, b plan.Resolver) bool {
	return slices.Equal(a.Servers, b.Servers) && slices.Equal(a.Search, b.Search)
}
