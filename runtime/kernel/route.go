package kernel

import (
	"encoding/binary"
	"net/netip"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// routeTypes are the kinds of routes that a lab may have (rtnetlink(7)).
var routeTypes = map[string]uint8{
	plan.Unicast:     unix.RTN_UNICAST,
	plan.Blackhole:   unix.RTN_BLACKHOLE,
	plan.Unreachable: unix.RTN_UNREACHABLE,
	plan.Prohibit:    unix.RTN_PROHIBIT,
	"throw":          unix.RTN_THROW,
}

// addRoute sends what ip route add or append sends.
func (h *handle) addRoute(o plan.AddRoute) error {
	r := o.Route
	m := nl.NewRtMsg()
	m.Protocol = protoNumber(r.Proto)
	if len(r.Hops) == 1 && !r.Hops[0].Via.IsValid() && r.Kind == plan.Unicast {
		m.Scope = unix.RT_SCOPE_LINK
	}
	parts, err := h.routeParts(m, r)
	if err != nil {
		return err
	}
	if o.Append {
		return h.route.change(unix.RTM_NEWROUTE, unix.NLM_F_CREATE|unix.NLM_F_APPEND, parts...)
	}
	return h.route.create(unix.RTM_NEWROUTE, parts...)
}

// delRoute sends what ip route del sends: scope nowhere means any.
func (h *handle) delRoute(r plan.Route) error {
	m := nl.NewRtDelMsg()
	parts, err := h.routeParts(m, r)
	if err != nil {
		return err
	}
	if r.Kind == plan.Unicast {
		m.Type = unix.RTN_UNSPEC
	}
	return h.route.change(unix.RTM_DELROUTE, 0, parts...)
}

// routeParts fills in the header and makes the attributes.
func (h *handle) routeParts(m *nl.RtMsg, r plan.Route) ([]data, error) {
	typ, ok := routeTypes[r.Kind]
	if !ok || !r.Dst.IsValid() {
		return nil, unix.EINVAL
	}
	m.Family, m.Type, m.Dst_len = uint8(family(r.Dst.Addr())), typ, uint8(r.Dst.Bits())
	parts := []data{m}
	if r.Dst.Bits() > 0 {
		parts = append(parts, attr(unix.RTA_DST, r.Dst.Addr().AsSlice()))
	}
	if r.Src.IsValid() {
		parts = append(parts, attr(unix.RTA_PREFSRC, r.Src.AsSlice()))
	}
	if r.Metric != 0 {
		parts = append(parts, attr32(unix.RTA_PRIORITY, uint32(r.Metric)))
	}
	if r.MTU != 0 {
		parts = append(parts, mtuPart(r))
	}
	parts = append(parts, tableParts(m, r.Table)...)
	if len(r.Hops) == 1 && r.Hops[0].OnLink {
		m.Flags |= unix.RTNH_F_ONLINK
	}
	hops, err := h.hopParts(r)
	return append(parts, hops...), err
}

// mtuPart is the MTU among a route's metrics (RTA_METRICS, rtnetlink(7)).
func mtuPart(r plan.Route) data {
	metrics := attr(unix.RTA_METRICS, nil)
	if r.MTULock {
		metrics.AddRtAttr(unix.RTAX_LOCK, nl.Uint32Attr(1<<unix.RTAX_MTU))
	}
	metrics.AddRtAttr(unix.RTAX_MTU, nl.Uint32Attr(uint32(r.MTU)))
	return metrics
}

// tableParts puts a table's number where it fits: the header has 8 bits for it.
func tableParts(m *nl.RtMsg, table int) []data {
	if table == 0 {
		table = plan.MainTable
	}
	if table < 256 {
		m.Table = uint8(table)
		return nil
	}
	m.Table = unix.RT_TABLE_UNSPEC
	return []data{attr32(unix.RTA_TABLE, uint32(table))}
}

// hopParts are the ways a route goes.
func (h *handle) hopParts(r plan.Route) ([]data, error) {
	if len(r.Hops) == 1 {
		via, index, err := h.hop(r.Dst.Addr(), r.Hops[0])
		if err == nil && index != 0 {
			via = append(via, attr32(unix.RTA_OIF, uint32(index)))
		}
		return via, err
	}
	if len(r.Hops) == 0 {
		return nil, nil
	}
	multi := attr(unix.RTA_MULTIPATH, nil)
	for _, hop := range r.Hops {
		via, index, err := h.hop(r.Dst.Addr(), hop)
		if err != nil {
			return nil, err
		}
		n := &nl.RtNexthop{Children: via}
		n.Ifindex = int32(index)
		n.Hops = uint8(max(hop.Weight, 1) - 1)
		if hop.OnLink {
			n.Flags = unix.RTNH_F_ONLINK
		}
		multi.AddChild(n)
	}
	return []data{multi}, nil
}

// hop is the gateway as an attribute, and the interface's index or 0. A
// gateway of the other family goes with its family (RFC 5549; RTA_VIA).
func (h *handle) hop(dst netip.Addr, hop plan.NextHop) (via []data, index int, err error) {
	if hop.Dev != "" {
		if index, err = h.index(hop.Dev); err != nil {
			return nil, 0, err
		}
	}
	if !hop.Via.IsValid() {
		return nil, index, nil
	}
	gw := hop.Via.WithZone("").AsSlice()
	if hop.Via.Is6() == dst.Is6() {
		return []data{attr(unix.RTA_GATEWAY, gw)}, index, nil
	}
	of := binary.NativeEndian.AppendUint16(nil, uint16(family(hop.Via)))
	return []data{attr(unix.RTA_VIA, append(of, gw...))}, index, nil
}

// protoNames are who made a route (rtnetlink(7), /etc/iproute2/rt_protos).
var protoNames = map[uint8]string{
	unix.RTPROT_UNSPEC: "unspec", unix.RTPROT_REDIRECT: "redirect", unix.RTPROT_KERNEL: "kernel",
	unix.RTPROT_BOOT: "", unix.RTPROT_STATIC: "static", unix.RTPROT_RA: "ra",
	unix.RTPROT_DHCP: "dhcp", unix.RTPROT_ZEBRA: "zebra", unix.RTPROT_BIRD: "bird",
	unix.RTPROT_BABEL: "babel", unix.RTPROT_BGP: "bgp", unix.RTPROT_ISIS: "isis",
	unix.RTPROT_OSPF: "ospf", unix.RTPROT_RIP: "rip", unix.RTPROT_EIGRP: "eigrp",
}

// protoNumber is the number of a name, that of boot for one not known: those
// are added by hand.
func protoNumber(name string) uint8 {
	for n, s := range protoNames {
		if s == name {
			return n
		}
	}
	return unix.RTPROT_BOOT
}
