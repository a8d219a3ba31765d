package plan

import "slices"

// MoveLink moves an interface to another namespace (ip-link(8), netns). The
// kernel takes its master, its addresses, the routes over it and its up state
// away; index, MTU and hardware address stay.
type MoveLink struct {
	Node, Name, To string
	// Was are the ops that bring back, once it is in Node again, what it lost.
	Was []Op
}

// RenameLink gives an interface another name. Kernels before 6.2 rename only
// what is down (EBUSY; dev_change_name, net/core/dev.c).
type RenameLink struct{ Node, Name, To string }

// SetMAC sets an interface's hardware address.
type SetMAC struct{ Node, Name, MAC, Was string }

func (MoveLink) op()   {}
func (RenameLink) op() {}
func (SetMAC) op()     {}

// Effect is the new place.
func (o MoveLink) Effect() Effect {
	return moved(Ref{o.Node, o.Name}, Ref{o.To, o.Name})
}

// Effect is the new name.
func (o RenameLink) Effect() Effect {
	return moved(Ref{o.Node, o.Name}, Ref{o.Node, o.To})
}

// Effect is the new address.
func (o SetMAC) Effect() Effect { return about(o.Node, o.Name, "mac "+o.MAC) }

// Inverse moves the interface back and gives it what it lost.
func (o MoveLink) Inverse() []Op {
	return append([]Op{MoveLink{Node: o.To, Name: o.Name, To: o.Node}}, slices.Clone(o.Was)...)
}

// Inverse gives the former name back.
func (o RenameLink) Inverse() []Op {
	return []Op{RenameLink{Node: o.Node, Name: o.To, To: o.Name}}
}

// Inverse sets the former address.
func (o SetMAC) Inverse() []Op {
	return []Op{SetMAC{Node: o.Node, Name: o.Name, MAC: o.Was, Was: o.MAC}}
}

// Commands is ip link set … netns. The host has no name for ip(8): it is where
// the shell is.
func (o MoveLink) Commands() []Command {
	to := o.To
	if to == Host {
		to = shellPID
	}
	return []Command{ip(o.Node, "link", "set", "dev", o.Name, "netns", to)}
}

// Commands is ip link set … name.
func (o RenameLink) Commands() []Command {
	return []Command{ip(o.Node, "link", "set", "dev", o.Name, "name", o.To)}
}

// Commands is ip link set … address.
func (o SetMAC) Commands() []Command {
	return []Command{ip(o.Node, "link", "set", "dev", o.Name, "address", o.MAC)}
}
