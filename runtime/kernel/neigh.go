package kernel

import (
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
func (w *World) Neighbours(node string) (ns []plan.Neighbour, err error) {
	err = w.in(node, func(h *handle) error {
		ns, err = h.neighbours()
		return err
	})
	return ns, err
}

func (h *handle) neighbours() ([]plan.Neighbour, error) {
	names, err := h.names()
	if err != nil {
		return nil, err
	}
	var all []plan.Neighbour
	for _, f := range []uint8{unix.AF_INET, unix.AF_INET6} {
		msgs, err := h.route.dump(unix.RTM_GETNEIGH, unix.RTM_NEWNEIGH, &netlink.Ndmsg{Family: f})
		if err != nil {
			return nil, err
		}
		for _, msg := range msgs {
			n, err := netlink.NeighDeserialize(msg)
			if err != nil {
				return nil, err
			}
			if n.State&netlink.NUD_NOARP == 0 {
				all = append(all, neighbour(n, names))
			}
		}
	}
	return all, nil
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
