package kernel

import (
	"errors"
	"fmt"
	"net"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// noLink says which interface it was that the kernel did not find.
func noLink(h *handle, name string, err error) error {
	if errors.Is(err, unix.ENODEV) {
		return fmt.Errorf("%s: %w (%w)", plan.Place(h.name, name), plan.ErrNoLink, err)
	}
	return err
}

// setLink changes the interface of that name: a message with index 0 and a
// name spares the question for the index.
func (h *handle) setLink(name string, header *nl.IfInfomsg, what ...data) error {
	if err := checkName(name); err != nil {
		return noLink(h, name, err)
	}
	parts := append([]data{header, attrIfName(name)}, what...)
	return noLink(h, name, h.route.change(unix.RTM_SETLINK, 0, parts...))
}

// checkName refuses what cannot be the name of an interface as one that is not
// there; the kernel would answer ERANGE or EINVAL.
func checkName(name string) error {
	if name == "" || len(name) > plan.MaxIfName {
		return unix.ENODEV
	}
	return nil
}

func (h *handle) setFlags(name string, up uint32) error {
	m := nl.NewIfInfomsg(unix.AF_UNSPEC)
	m.Change, m.Flags = unix.IFF_UP, up
	return h.setLink(name, m)
}

func (h *handle) setMTU(name string, mtu int) error {
	return h.setLink(name, nl.NewIfInfomsg(unix.AF_UNSPEC), attr32(unix.IFLA_MTU, uint32(mtu)))
}

func (h *handle) setMaster(name, master string) error {
	index := 0
	if master != "" {
		var err error
		if index, err = h.index(master); err != nil {
			return err
		}
	}
	return h.setLink(name, nl.NewIfInfomsg(unix.AF_UNSPEC), attr32(unix.IFLA_MASTER, uint32(index)))
}

// delLink returns when the interface is gone, and so is a veth's other end.
func (h *handle) delLink(name string) error {
	if err := checkName(name); err != nil {
		return noLink(h, name, err)
	}
	return noLink(h, name, h.route.change(unix.RTM_DELLINK, 0,
		nl.NewIfInfomsg(unix.AF_UNSPEC), attrIfName(name)))
}

// trashGroup is the group (ip-link(8)) that interfaces are put into to be
// deleted together: one by one, the kernel waits for all its processors twice
// for each. The number spells nsl.
const trashGroup = 0x6e736c

// delLinks deletes every interface that can be deleted.
func (h *handle) delLinks() error {
	links, err := h.links()
	if err != nil {
		return err
	}
	var indexes []int
	for _, l := range links {
		if l.Kind != "" { // not loopback, or hardware that goes back to the machine
			indexes = append(indexes, l.Index)
		}
	}
	return h.delGroup(indexes)
}

// delGroup deletes interfaces together. Those that went meanwhile are no error.
func (h *handle) delGroup(indexes []int) error {
	for _, i := range indexes {
		m := nl.NewIfInfomsg(unix.AF_UNSPEC)
		m.Index = int32(i)
		err := h.route.change(unix.RTM_SETLINK, 0, m, attr32(unix.IFLA_GROUP, trashGroup))
		if err != nil && !errors.Is(err, unix.ENODEV) {
			return err
		}
	}
	if len(indexes) == 0 {
		return nil
	}
	err := h.route.change(unix.RTM_DELLINK, 0, nl.NewIfInfomsg(unix.AF_UNSPEC), attr32(unix.IFLA_GROUP, trashGroup))
	if errors.Is(err, unix.ENODEV) {
		return nil
	}
	return err
}

// addVeth creates the pair with one message to A's namespace: the kernel looks
// for the master in the namespace of the link that is created.
func (w *World) addVeth(o plan.AddVeth, n numbers) error {
	return w.in(o.A.Node, func(a *handle) error {
		return w.in(o.B.Node, func(b *handle) error {
			master, err := w.masterOf(a, o.A.Master)
			if err != nil {
				return err
			}
			made, err := a.addVeth(o, b, master, n)
			w.noteIndex(a, o.A.Name, made.Index)
			w.noteIndex(b, o.B.Name, made.peer)
			if o.A.Up {
				err = w.pendingUp(o.A.Node, o.A.Name, err)
			}
			return err
		})
	})
}

// masterOf is the index of a bridge, 0 when there is none.
func (w *World) masterOf(h *handle, name string) (int, error) {
	if name == "" {
		return 0, nil
	}
	return w.indexOf(h, name)
}

// addVeth creates the pair; made is its first end, as far as the kernel says.
func (h *handle) addVeth(o plan.AddVeth, b *handle, master int, n numbers) (made rawLink, err error) {
	if o.B.Master != "" || o.B.Up {
		return made, fmt.Errorf("the second end has a master or is up: %w", unix.EINVAL)
	}
	header := n.header()
	if o.A.Up {
		header.Flags, header.Change = unix.IFF_UP, unix.IFF_UP
	}
	parts, err := endParts(header, o.A)
	if err != nil {
		return made, err
	}
	if master != 0 {
		parts = append(parts, attr32(unix.IFLA_MASTER, uint32(master)))
	}
	info, err := vethInfo(o.B, b, n)
	if err != nil {
		return made, err
	}
	return h.createdLink(o.A.Name, append(parts, info))
}

// vethInfo describes the other end (veth(4); struct ifinfomsg and attributes
// inside VETH_INFO_PEER, <linux/veth.h>).
func vethInfo(e plan.LinkEnd, in *handle, n numbers) (*nl.RtAttr, error) {
	info := attr(unix.IFLA_LINKINFO, nil)
	info.AddRtAttr(unix.IFLA_INFO_KIND, nl.NonZeroTerminated("veth"))
	peer := info.AddRtAttr(unix.IFLA_INFO_DATA, nil).AddRtAttr(nl.VETH_INFO_PEER, nil)
	nl.NewIfInfomsgChild(peer, unix.AF_UNSPEC).Index = n[1]
	end, err := endParts(nil, e)
	for _, a := range end[1:] {
		peer.AddChild(a)
	}
	peer.AddChild(attr32(unix.IFLA_NET_NS_FD, uint32(in.ns)))
	return info, err
}

// endParts are the header and the attributes that an interface is created with.
func endParts(header data, e plan.LinkEnd) ([]data, error) {
	parts := []data{header, attrIfName(e.Name)}
	if e.MTU != 0 {
		parts = append(parts, attr32(unix.IFLA_MTU, uint32(e.MTU)))
	}
	if e.MAC != "" {
		mac, err := net.ParseMAC(e.MAC)
		if err != nil {
			return parts, fmt.Errorf("%w: %w", unix.EINVAL, err)
		}
		parts = append(parts, attr(unix.IFLA_ADDRESS, mac))
	}
	return parts, nil
}

func (h *handle) addBridge(o plan.AddBridge, n numbers) error {
	parts, err := endParts(n.header(), plan.LinkEnd{Name: o.Name, MAC: o.MAC, MTU: o.MTU})
	if err != nil {
		return err
	}
	if err := h.route.create(unix.RTM_NEWLINK, append(parts, bridgeInfo(o))...); err != nil {
		return err
	}
	if o.VLANFiltering {
		return h.mustFilterVLANs(o.Name)
	}
	return nil
}

// bridgeInfo describes a bridge (IFLA_BR_*, <linux/if_link.h>).
func bridgeInfo(o plan.AddBridge) *nl.RtAttr {
	info := attr(unix.IFLA_LINKINFO, nil)
	info.AddRtAttr(unix.IFLA_INFO_KIND, nl.NonZeroTerminated("bridge"))
	opts := info.AddRtAttr(unix.IFLA_INFO_DATA, nil)
	if o.STP {
		opts.AddRtAttr(nl.IFLA_BR_STP_STATE, nl.Uint32Attr(1))
	} else {
		opts.AddRtAttr(nl.IFLA_BR_FORWARD_DELAY, nl.Uint32Attr(0))
	}
	if o.VLANFiltering {
		opts.AddRtAttr(nl.IFLA_BR_VLAN_FILTERING, nl.Uint8Attr(1))
	}
	return info
}

// mustFilterVLANs deletes a bridge that does not filter VLANs: a kernel without
// CONFIG_BRIDGE_VLAN_FILTERING takes the option and ignores it.
func (h *handle) mustFilterVLANs(name string) error {
	l, err := h.link(name)
	if err != nil || l.VLANFiltering {
		return err
	}
	return errors.Join(fmt.Errorf("vlan_filtering: %w", unix.EOPNOTSUPP), h.delLink(name))
}
