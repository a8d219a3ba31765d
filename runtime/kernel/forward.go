package kernel

import (
	"errors"
	"net"
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

// forwardParts are a message about an entry of a vxlan (vxlan_fdb_parse).
func (h *handle) forwardParts(o plan.AddForward) ([]data, error) {
	index, err := h.index(o.Dev)
	if err != nil {
		return nil, err
	}
	mac, err := net.ParseMAC(o.MAC)
	if err != nil {
		return nil, unix.EINVAL
	}
	m := &netlink.Ndmsg{Family: unix.AF_BRIDGE, Index: uint32(index), State: netlink.NUD_PERMANENT, Flags: netlink.NTF_SELF}
	return []data{m, attr(netlink.NDA_LLADDR, mac), attr(netlink.NDA_DST, o.Dst.AsSlice())}, nil
}

// addForward adds an entry. Only the one for what is not known may have several nodes; one that
// was learned is replaced.
func (h *handle) addForward(o plan.AddForward) error {
	parts, err := h.forwardParts(o)
	if err != nil {
		return err
	}
	flags := unix.NLM_F_CREATE | unix.NLM_F_REPLACE
	if o.MAC == plan.NoMAC {
		flags = unix.NLM_F_CREATE | unix.NLM_F_APPEND
	}
	return h.route.change(unix.RTM_NEWNEIGH, flags, parts...)
}

func (h *handle) delForward(o plan.DelForward) error {
	parts, err := h.forwardParts(plan.AddForward(o))
	if err != nil {
		return err
	}
	return h.route.change(unix.RTM_DELNEIGH, 0, parts...)
}
