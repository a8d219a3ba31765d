package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// addLink creates an interface of a kind. The message goes to the namespace of
// what is under it: there the kernel looks for that, and from there a vxlan
// sends (src_net of rtnl_newlink, net/core/rtnetlink.c).
func (w *World) addLink(o plan.AddLink, n numbers) error {
	if o.Kind == plan.Tap || o.Kind == plan.Tun {
		return w.in(o.Node, func(h *handle) error { return h.addTun(o) })
	}
	return w.in(o.Home(), func(home *handle) error {
		return w.in(o.Node, func(h *handle) error { return home.addLink(o, h, n) })
	})
}

func (h *handle) addLink(o plan.AddLink, in *handle, n numbers) error {
	parts, err := endParts(n.header(), plan.LinkEnd{Name: o.Name, MAC: o.MAC, MTU: o.MTU})
	if err != nil {
		return err
	}
	if in != h {
		parts = append(parts, attr32(unix.IFLA_NET_NS_FD, uint32(in.ns)))
	}
	lower := 0
	if o.Lower.Link != "" {
		if lower, err = h.index(o.Lower.Link); err != nil {
			return err
		}
	}
	if lower != 0 && o.Kind != plan.VXLAN {
		parts = append(parts, attr32(unix.IFLA_LINK, uint32(lower)))
	}
	return h.route.create(unix.RTM_NEWLINK, append(parts, kindInfo(o, lower))...)
}

// kindInfo describes a kind (IFLA_LINKINFO, <linux/if_link.h>).
func kindInfo(o plan.AddLink, lower int) *nl.RtAttr {
	info := attr(unix.IFLA_LINKINFO, nil)
	info.AddRtAttr(unix.IFLA_INFO_KIND, nl.NonZeroTerminated(o.Kind))
	if o.Kind == plan.Dummy || o.Kind == plan.WireGuard {
		return info
	}
	opts := info.AddRtAttr(unix.IFLA_INFO_DATA, nil)
	switch o.Kind {
	case plan.VXLAN:
		vxlanOptions(opts, o, lower)
	case plan.MACVLAN:
		opts.AddRtAttr(nl.IFLA_MACVLAN_MODE, nl.Uint32Attr(macvlanModes()[o.Mode]))
	case plan.IPVLAN:
		opts.AddRtAttr(nl.IFLA_IPVLAN_MODE, nl.Uint16Attr(ipvlanModes()[o.Mode]))
	case plan.VLAN:
		opts.AddRtAttr(nl.IFLA_VLAN_ID, nl.Uint16Attr(uint16(o.ID)))
		if o.Service {
			opts.AddRtAttr(nl.IFLA_VLAN_PROTOCOL, binary.BigEndian.AppendUint16(nil, unix.ETH_P_8021AD))
		}
	case plan.VRF:
		opts.AddRtAttr(nl.IFLA_VRF_TABLE, nl.Uint32Attr(uint32(o.Table)))
	case plan.Bond:
		bondOptions(opts, o)
	case plan.GENEVE, plan.GRE, plan.IPIP, plan.SIT:
		tunnelOptions(opts, o)
	}
	return info
}

// vxlanOptions are IFLA_VXLAN_*; all others stay at the kernel's defaults.
func vxlanOptions(opts *nl.RtAttr, o plan.AddLink, lower int) {
	opts.AddRtAttr(nl.IFLA_VXLAN_ID, nl.Uint32Attr(uint32(o.ID)))
	opts.AddRtAttr(nl.IFLA_VXLAN_PORT, binary.BigEndian.AppendUint16(nil, uint16(o.Port)))
	if lower != 0 {
		opts.AddRtAttr(nl.IFLA_VXLAN_LINK, nl.Uint32Attr(uint32(lower)))
	}
	for _, end := range []struct {
		addr   netip.Addr
		v4, v6 int
	}{
		{o.Remote, nl.IFLA_VXLAN_GROUP, nl.IFLA_VXLAN_GROUP6},
		{o.Local, nl.IFLA_VXLAN_LOCAL, nl.IFLA_VXLAN_LOCAL6},
	} {
		switch {
		case end.addr.Is4():
			opts.AddRtAttr(end.v4, end.addr.AsSlice())
		case end.addr.Is6():
			opts.AddRtAttr(end.v6, end.addr.AsSlice())
		}
	}
}

// macvlanModes are the modes of macvlan (MACVLAN_MODE_*, <linux/if_link.h>).
func macvlanModes() map[string]uint32 {
	return map[string]uint32{"private": nl.MACVLAN_MODE_PRIVATE, "vepa": nl.MACVLAN_MODE_VEPA,
		"bridge": nl.MACVLAN_MODE_BRIDGE, "passthru": nl.MACVLAN_MODE_PASSTHRU, "source": nl.MACVLAN_MODE_SOURCE}
}

// ipvlanModes are the modes of ipvlan (IPVLAN_MODE_*, <linux/if_link.h>).
func ipvlanModes() map[string]uint16 { return map[string]uint16{"l2": 0, "l3": 1, "l3s": 2} }

// nameOf is the name that a table has for a number.
func nameOf[N comparable](names map[string]N, number N) string {
	for name, n := range names {
		if n == number {
			return name
		}
	}
	return ""
}

// addTun makes a tap or tun interface that outlives the file it is made with
// (Documentation/networking/tuntap.rst).
func (h *handle) addTun(o plan.AddLink) error {
	if err := checkName(o.Name); err != nil {
		return noLink(h, o.Name, err)
	}
	if _, err := h.link(o.Name); err == nil {
		return fmt.Errorf("%s: %w", plan.Place(h.name, o.Name), unix.EEXIST)
	}
	flags := uint16(unix.IFF_TAP)
	if o.Kind == plan.Tun {
		flags = unix.IFF_TUN
	}
	if err := h.Inside(func() error { return openTun(o.Name, flags|unix.IFF_NO_PI, true) }); err != nil {
		return err
	}
	err := error(nil)
	if o.MTU != 0 {
		err = h.setMTU(o.Name, o.MTU)
	}
	if o.MAC != "" && err == nil {
		err = h.setMAC(o.Name, o.MAC)
	}
	if err != nil {
		return errors.Join(err, h.delLink(o.Name))
	}
	return nil
}

// openTun makes an interface in the namespace of the calling thread; unless it
// is to stay, it is gone when the function returns.
func openTun(name string, flags uint16, stays bool) error {
	fd, err := unix.Open(tunDevice, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("%w: %w", errDevice, err)
	}
	defer func() { _ = unix.Close(fd) }()
	req, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	req.SetUint16(flags)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, req); err != nil || !stays {
		return err
	}
	return unix.IoctlSetInt(fd, unix.TUNSETPERSIST, 1)
}

// parseKind reads the options of a kind, and returns the index of the lower
// device, 0 for none.
func (l *rawLink) parseKind(hardware uint16, info []byte) (lower int, err error) {
	opts, err := attrs(info, 0)
	if err != nil {
		return 0, err
	}
	switch l.Kind {
	case "tun":
		l.Kind = plan.Tun
		if hardware == unix.ARPHRD_ETHER {
			l.Kind = plan.Tap
		}
		return 0, nil
	case plan.VXLAN:
		l.parseVXLAN(opts)
		return number(opts[nl.IFLA_VXLAN_LINK]), nil
	case plan.MACVLAN:
		l.Mode = nameOf(macvlanModes(), uint32(number(opts[nl.IFLA_MACVLAN_MODE])))
	case plan.IPVLAN:
		l.Mode = nameOf(ipvlanModes(), short(opts[nl.IFLA_IPVLAN_MODE]))
	case plan.VLAN:
		l.ID, l.Service = int(short(opts[nl.IFLA_VLAN_ID])), big16(opts[nl.IFLA_VLAN_PROTOCOL]) == unix.ETH_P_8021AD
	case plan.VRF:
		l.Table = number(opts[nl.IFLA_VRF_TABLE])
		return 0, nil
	case plan.Bond:
		l.parseBond(opts)
		return 0, nil
	default:
		l.parseTunnel(opts)
		return 0, nil
	}
	return l.peer, nil
}

func short(b []byte) uint16 {
	if len(b) < 2 {
		return 0
	}
	return binary.NativeEndian.Uint16(b)
}

func (l *rawLink) parseVXLAN(opts map[uint16][]byte) {
	l.ID = number(opts[nl.IFLA_VXLAN_ID])
	l.Port = int(big16(opts[nl.IFLA_VXLAN_PORT]))
	l.Remote = addrIn(opts, nl.IFLA_VXLAN_GROUP, nl.IFLA_VXLAN_GROUP6)
	l.Local = addrIn(opts, nl.IFLA_VXLAN_LOCAL, nl.IFLA_VXLAN_LOCAL6)
}

// addrIn is the first address that is one among attributes.
func addrIn(opts map[uint16][]byte, types ...uint16) netip.Addr {
	for _, typ := range types {
		if a, ok := netip.AddrFromSlice(opts[typ]); ok && !a.IsUnspecified() {
			return a
		}
	}
	return netip.Addr{}
}

// resolveLower finds the node and the name of what is under an interface.
func (w *World) resolveLower(h *handle, l *rawLink) error {
	if l.lower == 0 && !plan.KindOf(l.Kind).Tunnel {
		return nil
	}
	l.Lower.Node = h.name
	if l.peerNS >= 0 {
		node, err := w.nodeOf(h, l.peerNS)
		if errors.Is(err, plan.ErrNoLink) {
			l.Lower.Node = ""
			return nil // a namespace with no name, of which nothing can be said
		}
		if err != nil {
			return err
		}
		l.Lower.Node = node
	}
	if l.lower == 0 {
		return nil
	}
	return w.in(l.Lower.Node, func(p *handle) error {
		other, err := p.linkAt(l.lower)
		l.Lower.Link = other.Name
		if errors.Is(err, plan.ErrNoLink) { // deleted since
			l.Lower.Link, err = "", nil
		}
		return err
	})
}

// moveLink moves an interface to another namespace, and into the one it is in.
func (w *World) moveLink(o plan.MoveLink) error {
	return w.in(o.Node, func(h *handle) error {
		return w.in(o.To, func(to *handle) error {
			return h.setLink(o.Name, nl.NewIfInfomsg(unix.AF_UNSPEC), attr32(unix.IFLA_NET_NS_FD, uint32(to.ns)))
		})
	})
}

// rename needs the index: a message without one looks for the name.
func (h *handle) rename(name, to string) error {
	index, err := h.index(name)
	if err != nil {
		return err
	}
	m := nl.NewIfInfomsg(unix.AF_UNSPEC)
	m.Index = int32(index)
	return h.route.change(unix.RTM_SETLINK, 0, m, attrIfName(to))
}

func (h *handle) setMAC(name, mac string) error {
	hw, err := net.ParseMAC(mac)
	if err != nil {
		return fmt.Errorf("%w: %w", unix.EINVAL, err)
	}
	return h.setLink(name, nl.NewIfInfomsg(unix.AF_UNSPEC), attr(unix.IFLA_ADDRESS, hw))
}
