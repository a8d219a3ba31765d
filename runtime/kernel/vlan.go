package kernel

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// giveVLANs reads the VLANs of the bridges that filter them, and of their ports, which
// are among the interfaces. Without such a bridge the kernel is not asked.
func (h *handle) giveVLANs(links ...*plan.Link) error {
	filters := map[string]bool{}
	for _, l := range links {
		if l.VLANFiltering {
			filters[l.Name] = true
		}
	}
	if len(filters) == 0 {
		return nil
	}
	all, err := h.vlans()
	for _, l := range links {
		if l.VLANFiltering || filters[l.Master] {
			l.VLANs = all[l.Index]
		}
	}
	return err
}

// withVLANs asks for the VLANs of ports (RTEXT_FILTER_BRVLAN, <linux/rtnetlink.h>).
const withVLANs = 1 << 1

// vlans are those of all ports and bridges of a node, by their indexes (IFLA_AF_SPEC of
// family AF_BRIDGE, <linux/if_bridge.h>).
func (h *handle) vlans() (map[int][]plan.PortVLAN, error) {
	msgs, err := h.route.dump(unix.RTM_GETLINK, unix.RTM_NEWLINK, nl.NewIfInfomsg(unix.AF_BRIDGE),
		attr32(unix.IFLA_EXT_MASK, withVLANs))
	all := map[int][]plan.PortVLAN{}
	for _, msg := range msgs {
		as, bad := attrs(msg, unix.SizeofIfInfomsg)
		if bad != nil {
			return nil, bad
		}
		index := int(nl.DeserializeIfInfomsg(msg).Index)
		list, bad := parseVLANs(as[unix.IFLA_AF_SPEC])
		if bad != nil {
			return nil, bad
		}
		all[index] = append(all[index], list...)
	}
	return all, err
}

// parseVLANs reads one IFLA_BRIDGE_VLAN_INFO for each VLAN.
func parseVLANs(spec []byte) (list []plan.PortVLAN, err error) {
	infos, err := nl.ParseRouteAttr(spec)
	if err != nil {
		return nil, errors.Join(unix.EBADMSG, err)
	}
	for _, a := range infos {
		if a.Attr.Type != nl.IFLA_BRIDGE_VLAN_INFO || len(a.Value) < nl.SizeofBridgeVlanInfo {
			continue
		}
		flags := binary.NativeEndian.Uint16(a.Value)
		list = append(list, plan.PortVLAN{ID: int(binary.NativeEndian.Uint16(a.Value[2:])),
			PVID: flags&nl.BRIDGE_VLAN_INFO_PVID != 0, Untagged: flags&nl.BRIDGE_VLAN_INFO_UNTAGGED != 0})
	}
	slices.SortFunc(list, func(a, b plan.PortVLAN) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

// setVLANs leaves the VLANs that are not wanted, and enters the others.
func (h *handle) setVLANs(o plan.SetVLANs) error {
	index, err := h.index(o.Name)
	if err != nil {
		return err
	}
	all, err := h.vlans()
	if err != nil {
		return err
	}
	leave, enter := o.Changes(all[index])
	if err := h.changeVLANs(unix.RTM_DELLINK, index, o.Self(), leave); err != nil {
		return err
	}
	return h.changeVLANs(unix.RTM_SETLINK, index, o.Self(), enter)
}

func (h *handle) changeVLANs(typ, index int, self bool, list []plan.PortVLAN) error {
	if len(list) == 0 {
		return nil
	}
	m := nl.NewIfInfomsg(unix.AF_BRIDGE)
	m.Index = int32(index)
	spec := attr(unix.IFLA_AF_SPEC, nil)
	if self {
		spec.AddRtAttr(nl.IFLA_BRIDGE_FLAGS, nl.Uint16Attr(nl.BRIDGE_FLAGS_SELF))
	}
	for _, v := range list {
		info := nl.BridgeVlanInfo{Vid: uint16(v.ID)}
		if v.PVID {
			info.Flags |= nl.BRIDGE_VLAN_INFO_PVID
		}
		if v.Untagged {
			info.Flags |= nl.BRIDGE_VLAN_INFO_UNTAGGED
		}
		spec.AddRtAttr(nl.IFLA_BRIDGE_VLAN_INFO, info.Serialize())
	}
	return h.route.change(typ, 0, m, spec)
}
