package kernel

import (
	"errors"
	"fmt"
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
	netlink.NUD_PERMANENT:  "permanent",
	netlink.NUD_NONE:       "none",
}

// Neighbours is the neighbour table of a node, both families, without the
// entries that need no resolution (noarp), as ip neighbour lists it.
func (w *World) Neighbours(node string) ([]plan.Neighbour, error) {
	return look(w, node, (*handle).neighbours)
}

func (h *handle) neighbours() ([]plan.Neighbour, error) {
	names, err := h.names()
	if err != nil {
		return nil, err
	}
	header := func(family uint8) data { return &netlink.Ndmsg{Family: family} }
	return dumpBoth(h, unix.RTM_GETNEIGH, unix.RTM_NEWNEIGH, header, func(msg []byte) (plan.Neighbour, bool, error) {
		n, err := netlink.NeighDeserialize(msg)
		if err != nil || n.State&netlink.NUD_NOARP != 0 {
			return plan.Neighbour{}, false, err
		}
		return neighbour(n, names), true, nil
	})
}

func neighbour(n *netlink.Neigh, names map[int]string) plan.Neighbour {
	ip, _ := netip.AddrFromSlice(n.IP)
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

// delNeighbour deletes an entry (rtnetlink(7), RTM_DELNEIGH).
func (h *handle) delNeighbour(o plan.DelNeighbour) error {
	index, err := h.index(o.Dev)
	if err != nil {
		return err
	}
	m := &netlink.Ndmsg{Family: uint8(family(o.IP)), Index: uint32(index)}
	err = h.route.change(unix.RTM_DELNEIGH, 0, m, attr(netlink.NDA_DST, o.IP.AsSlice()))
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	return err
}
