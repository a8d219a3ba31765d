package model

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"

	"nsl/runtime/plan"
)

const (
	veth   = "veth"
	bridge = "bridge"

	defaultMTU  = 1500
	loopbackMTU = 65536
	// minMTU is the smallest IPv4 MTU (RFC 791), maxMTU the largest of Ethernet
	// devices (ETH_MIN_MTU, ETH_MAX_MTU; <linux/if_ether.h>).
	minMTU, maxMTU = 68, 65535
)

// link is an interface.
type link struct {
	node  *node
	name  string
	index int
	kind  string
	up    bool
	mtu   int
	mac   string
	shape plan.Shape
	set   plan.IfOptions
	// peer is a veth's other end.
	peer   *link
	master *link
	// vrf is the VRF that it is a member of.
	vrf *link
	bonded
	// lower is the lower device of an interface of another kind, and uppers are those
	// that have this one as their lower device, wherever they are. A tunnel sends from its home.
	lower  *link
	uppers map[*link]struct{}
	home   *node
	opts   plan.LinkOptions
	// br is what a bridge has besides.
	br *ports
	// vlans are those of a port of a bridge that filters them, or of the bridge itself.
	vlans []plan.PortVLAN

	v4, v6 []addr
	// neighbours are those that were entered by hand, without their Dev.
	neighbours []plan.Neighbour
	// wg is the configuration of a wireguard.
	wg plan.WG
	// forward are the entries of a vxlan's forwarding database that were added, likewise.
	forward []plan.ForwardEntry
	// made are the routes that the kernel keeps for the link's addresses.
	made map[madeRoute]*entry
	// uses are the routes that go over the link.
	uses map[*entry]struct{}
	// dead counts the hops over the link that are not used.
	dead int

	conf [2]linkConf
}

// ports are a bridge's ports.
type ports struct {
	links map[*link]struct{}
	// mtus counts the ports by their MTU.
	mtus                    map[int]int
	fixedMTU, vlanFiltering bool
}

func (l *link) loopback() bool { return l.kind == "" }

func (l *link) place() string { return plan.Place(l.node.name, l.name) }

// register puts a new link into a node.
func (n *node) register(l *link) {
	n.lastIndex++
	for n.indexTaken(n.lastIndex) {
		n.lastIndex++
	}
	l.node, l.index = n, n.lastIndex
	l.conf = n.sys.fresh()
	n.links[l.name] = l
	at, _ := slices.BinarySearchFunc(n.byIndex, l.index, func(l *link, i int) int { return l.index - i })
	n.byIndex = slices.Insert(n.byIndex, at, l)
}

// indexTaken tells an index that a link of another node brought along.
func (n *node) indexTaken(index int) bool {
	return len(n.byIndex) > 0 && n.byIndex[len(n.byIndex)-1].index >= index &&
		slices.ContainsFunc(n.byIndex, func(l *link) bool { return l.index == index })
}

// unregister takes a link out of its node, with all that goes over it.
func (l *link) unregister() {
	l.setMasterLink(nil)
	l.leaveBond()
	l.vrf = nil
	l.neighbours = nil
	l.addrsGone()
	for e := range l.uses {
		l.node.remove(e)
	}
	n := l.node
	delete(n.links, l.name)
	if i, ok := slices.BinarySearchFunc(n.byIndex, l.index, func(l *link, i int) int { return l.index - i }); ok {
		n.byIndex = slices.Delete(n.byIndex, i, i+1)
	}
}

// checkForm refuses attributes that no new interface may have.
func checkForm(e plan.LinkEnd) error {
	err := checkMAC(e.MAC)
	switch {
	case len(e.Name) > plan.MaxIfName:
		err = syscall.ERANGE
	case err == nil && e.MTU != 0 && (e.MTU < minMTU || e.MTU > maxMTU):
		err = syscall.EINVAL
	}
	if err != nil {
		return fmt.Errorf("%s: %w", plan.Place(e.Node, e.Name), err)
	}
	return nil
}

// checkName refuses names that are taken, and those that cannot be one
// (dev_valid_name, net/core/dev.c).
func (n *node) checkName(name string) error {
	err := error(nil)
	switch {
	case n.links[name] != nil:
		err = syscall.EEXIST
	case name == "", name == ".", name == "..", strings.ContainsAny(name, "/: \t\n\v\f\r"):
		err = syscall.EINVAL
	}
	if err != nil {
		return fmt.Errorf("%s: %w", plan.Place(n.name, name), err)
	}
	return nil
}

// checkMAC takes unicast addresses only (is_valid_ether_addr).
func checkMAC(mac string) error {
	if mac == "" {
		return nil
	}
	hw, err := net.ParseMAC(mac)
	if err != nil || len(hw) != 6 {
		return syscall.EINVAL
	}
	if hw[0]&1 != 0 || slices.Max(hw) == 0 {
		return syscall.EADDRNOTAVAIL
	}
	return nil
}

// newMAC is a locally administered address in place of a random one. Its second
// and third byte, "ns", keep it apart from those that scripts choose by hand.
func (m *Model) newMAC() string {
	m.macs++
	n := m.macs
	return net.HardwareAddr{2, 'n', 's', byte(n >> 16), byte(n >> 8), byte(n)}.String()
}

// Chosen reports whether a hardware address is one that the model has chosen in place
// of the kernel.
func Chosen(mac string) bool {
	hw, err := net.ParseMAC(mac)
	return err == nil && len(hw) == 6 && hw[0] == 2 && string(hw[1:3]) == "ns"
}

// fill gives a link what the kernel chooses.
func (m *Model) fill(l *link) {
	l.set = plan.DefaultOptions(l.kind, l.set.STP)
	if l.mtu == 0 && l.kind == plan.VRF {
		l.mtu = vrfMTU
	} else if l.mtu == 0 {
		l.mtu = defaultMTU
	}
	if l.mac == "" && !plan.KindOf(l.kind).Bare {
		l.mac = m.newMAC()
	}
	l.mac = strings.ToLower(l.mac)
}

func (l *link) del() error {
	if l.kind == "" {
		return fmt.Errorf("%s: %w", l.place(), syscall.EOPNOTSUPP)
	}
	l.remove()
	return nil
}

// remove deletes the link; of a veth pair both ends.
func (l *link) remove() {
	if l.br != nil {
		for p := range l.br.links {
			p.setMasterLink(nil)
		}
	}
	for _, m := range l.members() {
		m.enterVRF(nil)
	}
	for _, m := range slices.Clone(l.slaves) {
		m.leaveBond()
	}
	for _, end := range []*link{l, l.peer} {
		if end != nil {
			end.up = false
			end.leaveLower()
			end.unregister()
		}
	}
}
