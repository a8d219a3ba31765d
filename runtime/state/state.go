// Package state is a lab as it is, as plain data, and the way from one state to another.
//
//	Read      all that a [plan.View] shows: of the kernel, or of a model
//	Diff      the ops that make one state of another, as far as one look shows
//	Converge  applies them to a model until nothing differs: what the kernel does
//	          besides is then part of the plan
//
// An undo, a diff, an apply and a save are all this: of two states, the ops between
// them, which lang/write has as statements. Whoever needs "what has changed" reads
// before and after, and calls Diff; whoever needs "the statements for what is there"
// calls Converge with an empty model, and lang/write with its ops.
package state

import (
	"errors"
	"maps"
	"net"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"nsl/runtime/plan"
)

// Lab is what the nodes of a lab have.
type Lab struct {
	// Nodes are in the order of their names, the host first.
	Nodes []Node
	// Pristine are the settings of a node in which nothing was changed.
	Pristine Pristine
}

// Node is what a node has.
type Node struct {
	Name string
	// Links are in the order of their indexes.
	Links []Link
	// Routes are without those of IPv6 link-local addresses.
	Routes []plan.Route
	Rules  []plan.Rule
	// Neighbours are those that were entered by hand.
	Neighbours []plan.Neighbour
	// Forward are the entries of forwarding databases of vxlans that were made by hand.
	Forward []plan.ForwardEntry
	// Settings are those that are not pristine, by their path: net/ipv4/conf/all/forwarding.
	Settings map[string]string
	Nft      plan.NftState
	Services []plan.Running
	Names    []string
	// Resolver is the node's own.
	Resolver plan.Resolver
}

// Link is an interface.
type Link struct {
	// Addrs are without the link-local addresses that the kernel makes.
	plan.Link
	// Peer is the other end of a cable; the zero Ref where it is not in the lab.
	Peer plan.Ref
}

// Node is the node of that name, or nil.
func (l *Lab) Node(name string) *Node {
	i := slices.IndexFunc(l.Nodes, func(n Node) bool { return n.Name == name })
	if i < 0 {
		return nil
	}
	return &l.Nodes[i]
}

func (n *Node) link(name string) *Link {
	if n == nil {
		return nil
	}
	i := slices.IndexFunc(n.Links, func(l Link) bool { return l.Name == name })
	if i < 0 {
		return nil
	}
	return &n.Links[i]
}

// Link is an interface, or nil.
func (l *Lab) Link(r plan.Ref) *Link { return l.Node(r.Node).link(r.Link) }

// Read reads a lab. Keys are settings to read beside those of the interfaces and some of
// each node; in labs of more than a hundred nodes these are left out, but for forwarding.
// What goes meanwhile is left out.
func Read(v plan.View, pristine Pristine, keys []string) (*Lab, error) {
	names, err := plan.AllNodes(v)
	if err != nil {
		return nil, err
	}
	lab := &Lab{Pristine: pristine, Nodes: make([]Node, len(names))}
	keys, each := toRead(len(names), keys)
	err = eachOf(len(names), readers(v), func(i int) (err error) {
		lab.Nodes[i], err = read(v, names[i], pristine, keys, each)
		if errors.Is(err, plan.ErrNoNode) {
			lab.Nodes[i], err = Node{}, nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	lab.Nodes = slices.DeleteFunc(lab.Nodes, func(n Node) bool { return n.Name == "" })
	lab.ownResolvers()
	return lab, nil
}

// readers is how many nodes of a view are read at once.
func readers(v plan.View) int {
	if _, ok := v.(plan.Concurrent); ok {
		return runtime.GOMAXPROCS(0)
	}
	return 1
}

// eachOf calls f with the numbers below n, from so many goroutines, until one fails.
func eachOf(n, goroutines int, f func(int) error) error {
	var next atomic.Int64
	errs := make([]error, goroutines)
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && errs[g] == nil; i = int(next.Add(1)) - 1 {
				errs[g] = f(i)
			}
			if errs[g] != nil {
				next.Store(int64(n)) // the others need not go on
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// ownResolvers forgets the resolvers that nodes have of the host.
func (l *Lab) ownResolvers() {
	for i := range l.Nodes[1:] {
		if n := &l.Nodes[i+1]; sameResolver(n.Resolver, l.Nodes[0].Resolver) {
			n.Resolver = plan.Resolver{}
		}
	}
}

func read(v plan.View, name string, pristine Pristine, keys []string, each bool) (n Node, err error) {
	n.Name = name
	if n.Links, err = readLinks(v, name); err != nil {
		return n, err
	}
	if n.Settings, err = pristine.changed(v, name, each, keys); err != nil {
		return n, err
	}
	ask(&err, v.Routes, name, &n.Routes)
	ask(&err, v.Rules, name, &n.Rules)
	ask(&err, func(node string) ([]plan.Neighbour, error) { return plan.ByHand(v, node) }, name, &n.Neighbours)
	ask(&err, func(node string) ([]plan.ForwardEntry, error) { return plan.ForwardByHand(v, node) }, name, &n.Forward)
	ask(&err, v.Nft, name, &n.Nft)
	ask(&err, v.Services, name, &n.Services)
	ask(&err, v.Names, name, &n.Names)
	ask(&err, v.Resolver, name, &n.Resolver)
	n.Routes = withoutAdvertised(n.Routes, n.Links)
	n.Routes = slices.DeleteFunc(n.Routes, func(r plan.Route) bool {
		return r.Dst.Addr().Is6() && (r.Dst.Addr().IsLinkLocalUnicast() || r.Dst.Addr().IsMulticast())
	})
	return n, err
}

// ask asks a question about a node, unless one before has failed.
func ask[T any](err *error, question func(string) (T, error), node string, into *T) {
	if *err == nil {
		*into, *err = question(node)
	}
}

func readLinks(v plan.View, node string) ([]Link, error) {
	list, err := v.Links(node)
	links := make([]Link, len(list))
	for i, l := range list {
		links[i].Link = l
		links[i].Addrs = withoutAutomatic(l)
		links[i].IfOptions = withoutEffectless(l)
		if l.Kind != veth {
			continue
		}
		peer, err := v.Peer(node, l.Name)
		if err != nil && !errors.Is(err, plan.ErrNoLink) && !errors.Is(err, plan.ErrNoNode) {
			return nil, err
		}
		links[i].Peer = peer
	}
	return links, err
}

// withoutEffectless are the options without a forward delay that is not used, and without
// a cost that the kernel chose by the speed of the device (port_cost, net/bridge/br_if.c).
func withoutEffectless(l plan.Link) plan.IfOptions {
	o := l.IfOptions
	if !o.STP {
		o.ForwardDelay = 0
	}
	if l.Master != "" && l.Kind != veth && slices.Contains([]int{2, 4, 5, 19, 100}, o.Cost) {
		o.Cost = plan.DefaultPort(l.Kind).Cost
	}
	return o
}

const (
	veth   = "veth"
	bridge = "bridge"
)

// eui64 is in the middle of an address that is made of a hardware address (RFC 4291,
// appendix A).
var eui64 = []byte{0xff, 0xfe}

// Keys are the settings that any node has, and others, each once.
func (l *Lab) Keys(others []string) []string {
	keys := slices.Clone(others)
	for _, n := range l.Nodes {
		keys = slices.AppendSeq(keys, maps.Keys(n.Settings))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// AnyMACs forgets hardware addresses that look random: those whose administrator is the
// machine (the local bit, IEEE 802), unless three of their bytes are equal, as in those that
// people write.
func (l *Lab) AnyMACs() {
	for i := range l.Nodes {
		for j := range l.Nodes[i].Links {
			link := &l.Nodes[i].Links[j]
			if random(link.MAC) {
				link.MAC = ""
			}
			if random(link.OwnMAC) {
				link.OwnMAC = ""
			}
		}
	}
}

func random(mac string) bool {
	hw, err := net.ParseMAC(mac)
	if err != nil || len(hw) == 0 || hw[0]&2 == 0 {
		return false
	}
	count := map[byte]int{}
	for _, b := range hw {
		if count[b]++; count[b] >= 3 {
			return false
		}
	}
	return true
}
