package kernel

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// neighStates are the kernel's words (ip-neighbour(8)).
var neighStates = map[int]string{
	netlink.NUD_INCOMPLETE: "incomplete",
	netlink.NUD_REACHABLE:  "reachable",
	netlink.NUD_STALE:      "stale",
	netlink.NUD_DELAY:      "delay",
	netlink.NUD_PROBE:      "probe",
	netlink.NUD_FAILED:     "failed",
	netlink.NUD_PERMANENT:  plan.Permanent,
	netlink.NUD_NONE:       "none",
	netlink.NUD_NOARP:      "noarp",
}

// Neighbours is the neighbour table of a node, both families, without the entries
// that the kernel makes itself for what needs no resolution, as multicast; and the
// addresses that the node answers for.
func (w *World) Neighbours(node string) ([]plan.Neighbour, error) {
	return look(w, node, (*handle).neighbours)
}

func (h *handle) neighbours() ([]plan.Neighbour, error) {
	names, err := h.names()
	if err != nil {
		return nil, err
	}
	var all []plan.Neighbour
	for _, flags := range []uint8{0, unix.NTF_PROXY} {
		header := func(family uint8) data { return &netlink.Ndmsg{Family: family, Flags: flags} }
		list, err := dumpBoth(h, unix.RTM_GETNEIGH, unix.RTM_NEWNEIGH, header, func(msg []byte) (plan.Neighbour, bool, error) {
			n, err := netlink.NeighDeserialize(msg)
			if err != nil || n.State&netlink.NUD_NOARP != 0 && !madeByHand(n) {
				return plan.Neighbour{}, false, err
			}
			return neighbour(n, names), true, nil
		})
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// madeByHand reports whether an entry that needs no resolution is one that the kernel
// does not make: for a unicast address, and an interface with hardware addresses.
func madeByHand(n *netlink.Neigh) bool {
	const group = 1 // the bit of a multicast hardware address
	hw := n.HardwareAddr
	return len(hw) == 6 && hw[0]&group == 0 && hw.String() != plan.NoMAC && n.Flags&netlink.NTF_PROXY == 0
}

func neighbour(n *netlink.Neigh, names map[int]string) plan.Neighbour {
	ip, _ := netip.AddrFromSlice(n.IP)
	if n.Flags&unix.NTF_PROXY != 0 {
		return plan.Neighbour{IP: ip.Unmap(), Dev: names[n.LinkIndex], State: plan.Proxy}
	}
	state, ok := neighStates[n.State]
	if !ok {
		state = fmt.Sprintf("%#x", n.State)
	}
	mac := ""
	if n.HardwareAddr != nil && n.State&(netlink.NUD_INCOMPLETE|netlink.NUD_FAILED) == 0 {
		mac = n.HardwareAddr.String()
	}
	return plan.Neighbour{IP: ip.Unmap(), Dev: names[n.LinkIndex], MAC: mac, State: state}
}

// neighParts begin a message about an entry (struct ndmsg, rtnetlink(7)).
func (h *handle) neighParts(dev string, ip netip.Addr, state uint16, flags uint8) ([]data, error) {
	index, err := h.index(dev)
	if err != nil {
		return nil, err
	}
	m := &netlink.Ndmsg{Family: uint8(family(ip)), Index: uint32(index), State: state, Flags: flags}
	return []data{m, attr(netlink.NDA_DST, ip.AsSlice())}, nil
}

// setNeighbour sends what ip neigh replace sends.
func (h *handle) setNeighbour(o plan.SetNeighbour) error {
	mac, err := net.ParseMAC(o.MAC)
	if err != nil {
		return unix.EINVAL
	}
	parts, err := h.neighParts(o.Dev, o.IP, netlink.NUD_PERMANENT, 0)
	if err != nil {
		return err
	}
	return h.route.change(unix.RTM_NEWNEIGH, unix.NLM_F_CREATE|unix.NLM_F_REPLACE, append(parts, attr(netlink.NDA_LLADDR, mac))...)
}

// delNeighbour deletes an entry.
func (h *handle) delNeighbour(o plan.DelNeighbour) error {
	parts, err := h.neighParts(o.Dev, o.IP, 0, 0)
	if err != nil {
		return err
	}
	err = h.route.change(unix.RTM_DELNEIGH, 0, parts...)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	return err
}

// proxy makes a node answer for an address, or no more.
func (h *handle) proxy(o plan.AddProxy, typ, flags int) error {
	parts, err := h.neighParts(o.Dev, o.IP, netlink.NUD_PERMANENT, unix.NTF_PROXY)
	if err != nil {
		return err
	}
	return h.route.change(typ, flags, parts...)
}
