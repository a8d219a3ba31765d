package kernel

import (
	"errors"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// Forwarding are the forwarding databases of a node's bridges and vxlans (RTM_GETNEIGH
// of family AF_BRIDGE).
func (w *World) Forwarding(node string) ([]plan.ForwardEntry, error) {
	return look(w, node, (*handle).forwarding)
}

func (h *handle) forwarding() ([]plan.ForwardEntry, error) {
	names, err := h.names()
	if err != nil {
		return nil, err
	}
	msgs, err := h.route.dump(unix.RTM_GETNEIGH, unix.RTM_NEWNEIGH, &netlink.Ndmsg{Family: unix.AF_BRIDGE})
	if errors.Is(err, unix.EOPNOTSUPP) {
		return nil, nil // a kernel without bridges
	}
	list := make([]plan.ForwardEntry, 0, len(msgs))
	for _, msg := range msgs {
		n, err := netlink.NeighDeserialize(msg)
		if err != nil {
			return nil, err
		}
		list = append(list, forwardEntry(n, names))
	}
	return list, err
}

// sticky is NTF_STICKY (<linux/neighbour.h>).
const sticky = 1 << 6

func forwardEntry(n *netlink.Neigh, names map[int]string) plan.ForwardEntry {
	f := plan.ForwardEntry{Dev: names[n.LinkIndex], MAC: n.HardwareAddr.String(),
		Static: n.State&netlink.NUD_PERMANENT != 0 || n.Flags&sticky != 0}
	f.Local = n.State&netlink.NUD_PERMANENT != 0 && n.Flags&netlink.NTF_SELF == 0
	if dst, ok := netip.AddrFromSlice(n.IP); ok {
		f.Dst = dst.Unmap()
	}
	return f
}
