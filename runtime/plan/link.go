package plan

import (
	"slices"
	"strconv"
)

// AddNS creates a network namespace with a name (ip-netns(8)): a file of that
// name under /run/netns holds it. Its loopback is down, its settings are the
// machine's; see [Baseline] and [SetUp].
type AddNS struct{ Name string }

// DelNS takes a namespace's name away. The namespace itself lives on until the
// statement is done (World.Commit), so that [RestoreNS] can give it back with
// all it holds.
type DelNS struct {
	Name string
	// Undone: it is the inverse of an [AddNS]. Of several deleted namespaces of one
	// name it is the last that comes back: the others were there before it.
	Undone bool
}

// RestoreNS gives back the name that the last [DelNS] of it took.
type RestoreNS struct{ Name string }

// LinkEnd is one end of a veth pair.
type LinkEnd struct {
	Node, Name string
	// MAC is "" for an address of the kernel's choice.
	MAC string
	// MTU is in bytes; 0 is the kernel's default.
	MTU int
	// Master is the bridge in the same node that it becomes a port of, or "".
	Master string
	// Up: it is administratively up from the start.
	Up bool
}

func (e LinkEnd) link() Link { return Link{Node: e.Node, Name: e.Name, Kind: "veth", Master: e.Master} }

// AddVeth creates a veth pair in place, its ends down but for one that is to be
// up (veth(4)). Only A may have a Master or be Up: the kernel takes that in the
// same message.
type AddVeth struct{ A, B LinkEnd }

// AddBridge creates a Linux bridge, down, with forward delay 0 unless STP is on.
type AddBridge struct {
	Node, Name string
	// MAC is "" for an address of the kernel's choice.
	MAC string
	// MTU is in bytes; 0 is the kernel's default.
	MTU                int
	STP, VLANFiltering bool
}

// DelLink deletes an interface; of a veth pair both ends go.
type DelLink struct {
	Node, Name string
	// Was are the ops that make again what the deletion takes away.
	Was []Op
}

// SetUp sets an interface administratively up.
type SetUp struct {
	Node, Name string
	// Was are the ops that bring back, when it is down again, what an interface
	// that is down may have and loses by its fall: IPv6 addresses.
	Was []Op
}

// SetDown sets an interface administratively down. The kernel then drops the
// routes over it and, for IPv6, its addresses.
type SetDown struct {
	Node, Name string
	// Was are the ops that bring back what its fall removes, after SetUp.
	Was []Op
}

// SetMaster makes an interface a port of a bridge or a member of a VRF or bond, or of none
// (Master ""). One that enters or leaves a VRF goes down and up again if it is up; it loses its
// IPv6 addresses and the routes over it (Documentation/networking/vrf.rst). One that enters a
// bond has to be down, is up then, and has the bond's MTU and mostly its hardware address; one
// that leaves it is down, with its own again.
type SetMaster struct{ Node, Name, Master, Was string }

// SetMTU sets an interface's MTU in bytes.
type SetMTU struct {
	Node, Name string
	MTU, Was   int
}

func (AddNS) op()     {}
func (DelNS) op()     {}
func (RestoreNS) op() {}
func (AddVeth) op()   {}
func (AddBridge) op() {}
func (DelLink) op()   {}
func (SetUp) op()     {}
func (SetDown) op()   {}
func (SetMaster) op() {}
func (SetMTU) op()    {}

// Effect is the node.
func (o AddNS) Effect() Effect {
	return Effect{Object: "namespace " + o.Name, Nodes: []string{o.Name}}
}

// Effect is the loss of the node and of what is in it.
func (o DelNS) Effect() Effect {
	return Effect{Object: "namespace " + o.Name, Gone: []Ref{{Node: o.Name}}, Text: o.Name, Lost: true}
}

// Effect is the node with what was in it.
func (o RestoreNS) Effect() Effect {
	return Effect{Object: "namespace " + o.Name, Nodes: []string{o.Name}, Anything: true}
}

// Effect is both ends; a bridge takes the MTU of its smallest port.
func (o AddVeth) Effect() Effect {
	return Effect{Object: "cable " + Place(o.A.Node, o.A.Name) + " <-> " + Place(o.B.Node, o.B.Name),
		Links: []Link{o.A.link(), o.B.link()}, Unsaid: o.A.Master != "" && o.A.MTU > 0 && o.A.MTU < MinMTU6}
}

// Effect is the bridge.
func (o AddBridge) Effect() Effect {
	return Effect{Object: "bridge " + Place(o.Node, o.Name), Links: []Link{{Node: o.Node, Name: o.Name, Kind: "bridge"}}}
}

// Effect is the loss of the interface and of what depends on it.
func (o DelLink) Effect() Effect {
	e := lost(Place(o.Node, o.Name))
	e.Gone = []Ref{{o.Node, o.Name}}
	return e
}

// Effect is the new state.
func (o SetUp) Effect() Effect { return about(o.Node, o.Name, "up") }

// Effect is the new state and the loss of IPv6 addresses.
func (o SetDown) Effect() Effect {
	e := about(o.Node, o.Name, "down")
	e.Unsaid = true
	return e
}

// Effect is the new master.
func (o SetMaster) Effect() Effect {
	if o.Master == "" {
		return about(o.Node, o.Name, "is no port any more")
	}
	return about(o.Node, o.Name, "is a port of "+o.Master)
}

// Effect is the new MTU, and the loss of IPv6 addresses where it is too small for IPv6.
func (o SetMTU) Effect() Effect {
	e := about(o.Node, o.Name, "mtu "+strconv.Itoa(o.MTU))
	e.Unsaid = o.MTU < MinMTU6
	return e
}

// Inverse deletes the namespace.
func (o AddNS) Inverse() []Op { return []Op{DelNS{Name: o.Name, Undone: true}} }

// Inverse gives the name back.
func (o DelNS) Inverse() []Op { return []Op{RestoreNS{Name: o.Name}} }

// Inverse takes the name away again.
func (o RestoreNS) Inverse() []Op { return []Op{DelNS{Name: o.Name}} }

// Inverse deletes the pair.
func (o AddVeth) Inverse() []Op { return []Op{DelLink{Node: o.A.Node, Name: o.A.Name}} }

// Inverse deletes the bridge.
func (o AddBridge) Inverse() []Op { return []Op{DelLink{Node: o.Node, Name: o.Name}} }

// Inverse makes the interface again.
func (o DelLink) Inverse() []Op { return slices.Clone(o.Was) }

// Inverse sets the interface down.
func (o SetUp) Inverse() []Op {
	return append([]Op{SetDown{Node: o.Node, Name: o.Name}}, slices.Clone(o.Was)...)
}

// Inverse sets the interface up and brings back what its fall removed.
func (o SetDown) Inverse() []Op {
	return append([]Op{SetUp{Node: o.Node, Name: o.Name}}, o.Was...)
}

// Inverse gives the interface its former master.
func (o SetMaster) Inverse() []Op {
	return []Op{SetMaster{Node: o.Node, Name: o.Name, Master: o.Was, Was: o.Master}}
}

// Inverse sets the former MTU.
func (o SetMTU) Inverse() []Op {
	return []Op{SetMTU{Node: o.Node, Name: o.Name, MTU: o.Was, Was: o.MTU}}
}

// Commands is ip netns add.
func (o AddNS) Commands() []Command { return []Command{{"ip", "netns", "add", o.Name}} }

// Commands is ip netns del.
func (o DelNS) Commands() []Command { return []Command{{"ip", "netns", "del", o.Name}} }

// Commands is empty: iproute2 cannot give a deleted namespace back.
func (o RestoreNS) Commands() []Command { return nil }

// Commands is ip link add … type veth peer ….
func (o AddVeth) Commands() []Command {
	c := ip(Host, "link", "add", "name", o.A.Name)
	c = append(c, o.A.words()...)
	c = append(c, "type", "veth", "peer", "name", o.B.Name)
	cmds := []Command{append(c, o.B.words()...)}
	if o.A.Master != "" {
		cmds = append(cmds, ip(o.A.Node, "link", "set", "dev", o.A.Name, "master", o.A.Master))
	}
	if o.A.Up {
		cmds = append(cmds, ip(o.A.Node, "link", "set", "dev", o.A.Name, "up"))
	}
	return cmds
}

// words are the options of an end in ip-link(8).
func (e LinkEnd) words() []string {
	var w []string
	if e.MTU != 0 {
		w = append(w, "mtu", strconv.Itoa(e.MTU))
	}
	if e.MAC != "" {
		w = append(w, "address", e.MAC)
	}
	if e.Node != Host {
		w = append(w, "netns", e.Node)
	}
	return w
}

// Commands is ip link add … type bridge.
func (o AddBridge) Commands() []Command {
	c := ip(o.Node, "link", "add", "name", o.Name)
	c = append(c, LinkEnd{Node: Host, MTU: o.MTU, MAC: o.MAC}.words()...)
	c = append(c, "type", "bridge")
	if o.STP {
		c = append(c, "stp_state", "1")
	} else {
		c = append(c, "forward_delay", "0")
	}
	if o.VLANFiltering {
		c = append(c, "vlan_filtering", "1")
	}
	return []Command{c}
}

// Commands is ip link del.
func (o DelLink) Commands() []Command { return []Command{ip(o.Node, "link", "del", "dev", o.Name)} }

// Commands is ip link set … up.
func (o SetUp) Commands() []Command { return []Command{ip(o.Node, "link", "set", "dev", o.Name, "up")} }

// Commands is ip link set … down.
func (o SetDown) Commands() []Command {
	return []Command{ip(o.Node, "link", "set", "dev", o.Name, "down")}
}

// Commands is ip link set … master, or nomaster.
func (o SetMaster) Commands() []Command {
	if o.Master == "" {
		return []Command{ip(o.Node, "link", "set", "dev", o.Name, "nomaster")}
	}
	return []Command{ip(o.Node, "link", "set", "dev", o.Name, "master", o.Master)}
}

// Commands is ip link set … mtu.
func (o SetMTU) Commands() []Command {
	return []Command{ip(o.Node, "link", "set", "dev", o.Name, "mtu", strconv.Itoa(o.MTU))}
}
