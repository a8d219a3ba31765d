// Package plan holds the primitive operations that every statement is made of,
// and the values in which a lab's state is described. All of it is pure data: an
// [Op] says what to do, which iproute2, nft or sysctl command does the same,
// and which ops undo it. Nothing in here touches the kernel.
package plan

import (
	"errors"

	"nsl/lang/source"
)

// Host is the name of the lab's root namespace.
const Host = "host"

// Loopback is the name of every namespace's loopback interface.
const Loopback = "lo"

// MaxIfName is the longest interface name the kernel takes, in bytes
// (IFNAMSIZ, 16, less the closing NUL; <linux/if.h>).
const MaxIfName = 15

// MaxBridgePorts is the number of ports a Linux bridge holds at most
// (BR_MAX_PORTS, 1 << 10, less port 0; net/bridge/br_private.h).
const MaxBridgePorts = 1023

// MinMTU6 is the smallest MTU of an interface with IPv6, in bytes (RFC 8200,
// section 5); the kernel takes no IPv6 address on a smaller one.
const MinMTU6 = 1280

// What a question about the lab, or an op, may answer; compare with errors.Is.
var (
	// ErrLost means that it is not known whether an op was done.
	ErrLost = errors.New("the kernel's answer was lost")
	// ErrNoNode means that no namespace has that name.
	ErrNoNode = errors.New("no such namespace")
	// ErrNoLink means that the namespace has no interface of that name.
	ErrNoLink = errors.New("no such interface")
	// ErrNoSysctl means that the kernel has no such setting in that namespace.
	ErrNoSysctl = errors.New("no such sysctl")
)

// Op is one primitive operation. The union is sealed: every op is in this
// package, in [Ops], and a case of the switch of each world.
//
//sumtype:decl
type Op interface {
	// Commands are the shell commands that do the same on the host of the lab.
	Commands() []Command
	// Inverse are the ops that take this one back, in the order to run them.
	// It is empty when there is nothing to undo.
	Inverse() []Op
	// Effect is what it acts on, and what it changes.
	Effect() Effect
	op()
}

// Step is an op together with the statement that asked for it.
type Step struct {
	Op   Op
	Span source.Span
}

// Place names an interface of a node for messages and for people: "red:eth0",
// or just "eth0" on the host.
func Place(node, link string) string {
	switch {
	case node == Host:
		return link
	case link == "":
		return node
	}
	return node + ":" + link
}

// NewNode are the ops that make a node: a namespace with the settings of a lab, its
// loopback up.
func NewNode(name string) []Op {
	return []Op{AddNS{Name: name}, Baseline{Node: name}, SetUp{Node: name, Name: Loopback}}
}

// InverseOf returns the ops that take a whole sequence back, last op first.
func InverseOf(ops []Op) []Op {
	var back []Op
	for i := len(ops) - 1; i >= 0; i-- {
		back = append(back, ops[i].Inverse()...)
	}
	return back
}

// Ops has one op of each type, empty.
func Ops() []Op {
	return []Op{
		AddNS{}, DelNS{}, RestoreNS{}, Exec{}, SetItem{}, Baseline{}, SetSysctl{},
		AddVeth{}, AddBridge{}, AddLink{}, DelLink{}, MoveLink{}, RenameLink{},
		SetUp{}, SetDown{}, SetMaster{}, SetMTU{}, SetMAC{}, SetShape{}, SetOption{}, SetVLANs{}, SetWG{},
		AddAddr{}, DelAddr{}, SetNeighbour{}, DelNeighbour{}, AddProxy{}, DelProxy{}, AddForward{}, DelForward{}, AddRoute{}, DelRoute{}, AddRule{}, DelRule{},
		AddNftTable{}, DelNftTable{}, AddNftChain{}, DelNftChain{}, AddNftRule{}, DelNftRule{},
		Start{}, Stop{}, Restart{}, AddName{}, DelName{}, SetResolver{}, Lease{}, Release{},
	}
}
