package kernel

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"syscall"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// v6Metric is the metric that the kernel gives to IPv6 routes added with none
// (IP6_RT_PRIO_USER, <linux/ipv6_route.h>); plan has 0 for it.
const v6Metric = 1024

// Routes are the routes of both families and all tables but local. The
// protocol "boot" is given as "", the main table and default metrics as 0.
func (w *World) Routes(node string) ([]plan.Route, error) { return look(w, node, (*handle).routes) }

func (h *handle) routes() ([]plan.Route, error) {
	names, err := h.names()
	if err != nil {
		return nil, err
	}
	return dumpBoth(h, unix.RTM_GETROUTE, unix.RTM_NEWROUTE, routeHeader, func(msg []byte) (plan.Route, bool, error) {
		r, err := parseRoute(msg, names)
		return r, !kernelsRoute(r) && nl.DeserializeRtMsg(msg).Flags&unix.RTM_F_CLONED == 0, err
	})
}

// kernelsRoute reports a route of the table local. Those of the interfaces of a VRF are in
// the table of that one.
func kernelsRoute(r plan.Route) bool {
	_, settable := routeTypes[r.Kind]
	return r.Table == unix.RT_TABLE_LOCAL || r.Table != 0 && !settable && r.Proto == "kernel"
}

// names are the names of the interfaces by index.
func (h *handle) names() (map[int]string, error) {
	links, err := h.links()
	names := make(map[int]string, len(links))
	for _, l := range links {
		names[l.Index] = l.Name
	}
	return names, err
}

// RouteTo is what the node's kernel would do with a packet; see [plan.View]. The
// Kind may also be "broadcast" or "multicast", where that is what the address is.
func (w *World) RouteTo(node string, q plan.RouteQuery) (plan.Route, error) {
	return look(w, node, func(h *handle) (plan.Route, error) { return h.routeTo(q) })
}

func (h *handle) routeTo(q plan.RouteQuery) (plan.Route, error) {
	parts, err := h.queryParts(q)
	if err != nil {
		return plan.Route{}, err
	}
	msg, err := h.route.get(unix.RTM_GETROUTE, unix.RTM_NEWROUTE, parts...)
	if errors.Is(err, unix.EXDEV) { // older kernels report rp_filter separately
		err = unix.EINVAL
	}
	if err != nil {
		return plan.Route{}, err
	}
	if err := refusal(msg); err != nil {
		return plan.Route{}, err
	}
	r, err := h.parseOne(msg)
	for i := range r.Hops { // an answer is where a packet goes, and not why
		r.Hops[i].OnLink, r.Hops[i].Weight = false, 0
	}
	if !q.Own() {
		r.Src = netip.Addr{} // IPv4 gives none then
	}
	return r, err
}

// queryParts makes the question (rtnetlink(7), RTM_GETROUTE).
func (h *handle) queryParts(q plan.RouteQuery) ([]data, error) {
	m := &nl.RtMsg{}
	m.Family, m.Dst_len = uint8(family(q.Dst)), uint8(q.Dst.BitLen())
	if q.Dst.Is4() {
		m.Flags = unix.RTM_F_LOOKUP_TABLE // IPv6 gives the table in any case
	}
	parts := []data{m, attr(unix.RTA_DST, q.Dst.WithZone("").AsSlice())}
	if q.Src.IsValid() {
		m.Src_len = uint8(q.Src.BitLen())
		parts = append(parts, attr(unix.RTA_SRC, q.Src.WithZone("").AsSlice()))
	}
	if q.Mark != 0 {
		parts = append(parts, attr32(unix.RTA_MARK, q.Mark))
	}
	if q.Proto != "" {
		parts = append(parts, attr(unix.RTA_IP_PROTO, []byte{l4protos[q.Proto]}))
	}
	for typ, port := range map[int]uint16{unix.RTA_SPORT: q.SPort, unix.RTA_DPORT: q.DPort} {
		if port != 0 {
			parts = append(parts, attr(typ, binary.BigEndian.AppendUint16(nil, port)))
		}
	}
	for typ, name := range map[int]string{unix.RTA_IIF: q.IIf, unix.RTA_OIF: q.Out()} {
		if name == "" {
			continue
		}
		index, err := h.index(name)
		if err != nil {
			return nil, err
		}
		parts = append(parts, attr32(typ, uint32(index)))
	}
	return parts, nil
}

// parseOne asks for the names of the interfaces of one route only: a node may
// have a thousand.
func (h *handle) parseOne(msg []byte) (plan.Route, error) {
	as, err := attrs(msg, unix.SizeofRtMsg)
	if err != nil {
		return plan.Route{}, err
	}
	names := map[int]string{}
	if index := number(as[unix.RTA_OIF]); index != 0 {
		l, err := h.linkAt(index)
		if err != nil {
			return plan.Route{}, err
		}
		names[index] = l.Name
	}
	return parseRoute(msg, names)
}

// refusal is the error inside an answer: older kernels answer an IPv6 question
// with a route that says no (rta_error of struct rta_cacheinfo).
func refusal(msg []byte) error {
	as, err := attrs(msg, unix.SizeofRtMsg)
	if err != nil {
		return err
	}
	const errorAt = 12
	if info := as[unix.RTA_CACHEINFO]; len(info) >= errorAt+4 {
		if n := int32(number(info[errorAt:])); n < 0 {
			return syscall.Errno(-n)
		}
	}
	return nil
}

// giveMetrics reads the time to live that a route gives (RTAX_HOPLIMIT), and its MTU.
func giveMetrics(r *plan.Route, metrics []byte) error {
	if len(metrics) == 0 {
		return nil
	}
	list, err := attrs(metrics, 0)
	if n := number(list[unix.RTAX_HOPLIMIT]); n > 0 && n < 256 {
		r.HopLimit = n
	}
	r.MTU = number(list[unix.RTAX_MTU])
	r.MTULock = r.MTU != 0 && number(list[unix.RTAX_LOCK])&(1<<unix.RTAX_MTU) != 0
	return err
}

func parseRoute(msg []byte, names map[int]string) (plan.Route, error) {
	as, err := attrs(msg, unix.SizeofRtMsg)
	if err != nil {
		return plan.Route{}, err
	}
	m := nl.DeserializeRtMsg(msg)
	v6 := m.Family == unix.AF_INET6
	r := plan.Route{
		Kind:   kindName(m.Type),
		Dst:    prefix(as[unix.RTA_DST], int(m.Dst_len), v6),
		Metric: number(as[unix.RTA_PRIORITY]),
		Table:  number(as[unix.RTA_TABLE]),
		Proto:  protoName(m.Protocol),
	}
	if err := giveMetrics(&r, as[unix.RTA_METRICS]); err != nil {
		return plan.Route{}, err
	}
	if info := as[unix.RTA_CACHEINFO]; len(info) >= 12 { // rta_expires of struct rta_cacheinfo
		r.Advertised = r.Proto == "ra" && binary.NativeEndian.Uint32(info[8:]) != 0
	}
	r.Src, _ = netip.AddrFromSlice(as[unix.RTA_PREFSRC])
	if v6 && r.Metric == v6Metric {
		r.Metric = 0
	}
	if r.Table == plan.MainTable {
		r.Table = 0
	}
	if _, refuses := routeTypes[r.Kind]; r.Kind == plan.Unicast || !refuses {
		r.Hops, err = parseHops(as, names, m.Flags)
	}
	return r, err
}

// parseHops reads one way, or those of a multipath route.
func parseHops(as map[uint16][]byte, names map[int]string, flags uint32) ([]plan.NextHop, error) {
	multi, ok := as[unix.RTA_MULTIPATH]
	if !ok {
		return []plan.NextHop{{Via: gateway(as), Dev: names[number(as[unix.RTA_OIF])], OnLink: flags&unix.RTNH_F_ONLINK != 0}}, nil
	}
	var hops []plan.NextHop
	for len(multi) >= unix.SizeofRtNexthop {
		n := nl.DeserializeRtNexthop(multi)
		if int(n.RtNexthop.Len) < unix.SizeofRtNexthop || int(n.RtNexthop.Len) > len(multi) {
			return nil, unix.EBADMSG
		}
		as, err := attrs(multi[:n.RtNexthop.Len], unix.SizeofRtNexthop)
		if err != nil {
			return nil, err
		}
		hop := plan.NextHop{Via: gateway(as), Dev: names[int(n.Ifindex)], OnLink: n.Flags&unix.RTNH_F_ONLINK != 0}
		if n.Hops > 0 {
			hop.Weight = int(n.Hops) + 1
		}
		hops = append(hops, hop)
		multi = multi[min(len(multi), (int(n.RtNexthop.Len)+3)&^3):]
	}
	return slices.Clip(hops), nil
}

func gateway(as map[uint16][]byte) netip.Addr {
	gw := as[unix.RTA_GATEWAY]
	if via := as[unix.RTA_VIA]; len(via) > 2 {
		gw = via[2:] // after the family
	}
	a, _ := netip.AddrFromSlice(gw)
	return a
}

// prefix reads a destination; one that is not there is everything.
func prefix(b []byte, bits int, v6 bool) netip.Prefix {
	a, ok := netip.AddrFromSlice(b)
	switch {
	case ok:
	case v6:
		a = netip.IPv6Unspecified()
	default:
		a = netip.IPv4Unspecified()
	}
	return netip.PrefixFrom(a, bits)
}

// kindName is the kernel's word for a route type.
func kindName(t uint8) string {
	for name, n := range routeTypes {
		if n == t {
			return name
		}
	}
	switch t {
	case unix.RTN_LOCAL:
		return "local"
	case unix.RTN_BROADCAST:
		return "broadcast"
	case unix.RTN_ANYCAST:
		return "anycast"
	case unix.RTN_MULTICAST:
		return "multicast"
	}
	return strconv.Itoa(int(t))
}

func protoName(p uint8) string {
	if name, ok := protoNames[p]; ok {
		return name
	}
	return strconv.Itoa(int(p))
}
