package kernel

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// Attributes of a port that the library does not have: IFLA_BRPORT_MCAST_FLOOD,
// IFLA_BRPORT_BCAST_FLOOD and IFLA_BRPORT_LOCKED (<linux/if_link.h>).
const portMulticasts, portBroadcasts, portLocked = 27, 30, 39

// optionAttr is where the kernel has an option: a flag of the interface, or an attribute
// of so many bytes.
type optionAttr struct {
	flag uint32
	typ  int
	size int
}

// optionAttrs are those of all options, by name.
func optionAttrs() map[string]optionAttr {
	return map[string]optionAttr{
		"promisc": {flag: unix.IFF_PROMISC}, "allmulticast": {flag: unix.IFF_ALLMULTI},
		"multicast": {flag: unix.IFF_MULTICAST}, "arp": {flag: unix.IFF_NOARP},
		"alias": {typ: unix.IFLA_IFALIAS}, "txqueuelen": {typ: unix.IFLA_TXQLEN, size: 4},

		"stp": {typ: nl.IFLA_BR_STP_STATE, size: 4}, "ageing": {typ: nl.IFLA_BR_AGEING_TIME, size: 4},
		"forward-delay": {typ: nl.IFLA_BR_FORWARD_DELAY, size: 4}, "hello": {typ: nl.IFLA_BR_HELLO_TIME, size: 4},
		"max-age": {typ: nl.IFLA_BR_MAX_AGE, size: 4}, "bridge-priority": {typ: nl.IFLA_BR_PRIORITY, size: 2},
		"multicast-snooping": {typ: nl.IFLA_BR_MCAST_SNOOPING, size: 1}, "multicast-querier": {typ: nl.IFLA_BR_MCAST_QUERIER, size: 1},

		"cost": {typ: nl.IFLA_BRPORT_COST, size: 4}, "priority": {typ: nl.IFLA_BRPORT_PRIORITY, size: 2},
		"hairpin": {typ: nl.IFLA_BRPORT_MODE, size: 1}, "guard": {typ: nl.IFLA_BRPORT_GUARD, size: 1},
		"root-block": {typ: nl.IFLA_BRPORT_PROTECT, size: 1}, "isolated": {typ: nl.IFLA_BRPORT_ISOLATED, size: 1},
		"learning": {typ: nl.IFLA_BRPORT_LEARNING, size: 1}, "flood": {typ: nl.IFLA_BRPORT_UNICAST_FLOOD, size: 1},
		"mcast-flood": {typ: portMulticasts, size: 1}, "bcast-flood": {typ: portBroadcasts, size: 1},
	}
}

// setOption sets an option. What is of a kind is set as by creation (RTM_NEWLINK):
// RTM_SETLINK leaves IFLA_LINKINFO out.
func (h *handle) setOption(o plan.SetOption) error {
	option, ok := plan.IfOptionNamed(o.Option)
	if !ok {
		return fmt.Errorf("%s: %w", o.Option, unix.EINVAL)
	}
	at, value := optionAttrs()[o.Option], option.Number(o.Value)
	if at.flag != 0 {
		m := nl.NewIfInfomsg(unix.AF_UNSPEC)
		m.Change = at.flag
		if (o.Value == plan.On) != (at.flag == unix.IFF_NOARP) {
			m.Flags = at.flag
		}
		return h.setLink(o.Name, m)
	}
	var data []byte
	switch at.size {
	case 0:
		data = []byte(o.Value)
	case 1:
		data = []byte{byte(value)}
	case 2:
		data = binary.NativeEndian.AppendUint16(nil, uint16(value))
	default:
		data = binary.NativeEndian.AppendUint32(nil, uint32(value))
	}
	if option.Of == "" {
		return h.setLink(o.Name, nl.NewIfInfomsg(unix.AF_UNSPEC), attr(at.typ, data))
	}
	return h.setOfKind(o.Name, option.Of, attr(at.typ, data))
}

// setOfKind changes what an interface has as a bridge or as a port of one.
func (h *handle) setOfKind(name, of string, what *nl.RtAttr) error {
	if err := checkName(name); err != nil {
		return noLink(h, name, err)
	}
	kind, inner := unix.IFLA_INFO_KIND, unix.IFLA_INFO_DATA
	if of == plan.OfPort {
		kind, inner = unix.IFLA_INFO_SLAVE_KIND, unix.IFLA_INFO_SLAVE_DATA
	}
	info := attr(unix.IFLA_LINKINFO, nil)
	info.AddRtAttr(kind, nl.NonZeroTerminated("bridge"))
	info.AddRtAttr(inner, nil).AddChild(what)
	return noLink(h, name, h.route.change(unix.RTM_NEWLINK, 0, nl.NewIfInfomsg(unix.AF_UNSPEC), attrIfName(name), info))
}

// parseFlags reads the options that are flags of the interface.
func (l *rawLink) parseFlags(flags uint32) {
	l.NoARP = flags&unix.IFF_NOARP != 0
	l.Promisc, l.AllMulticast = flags&unix.IFF_PROMISC != 0, flags&unix.IFF_ALLMULTI != 0
	l.MulticastOff = flags&unix.IFF_MULTICAST == 0
}

// parseBridge reads what a bridge has (IFLA_BR_*).
func (l *rawLink) parseBridge(data []byte) error {
	opts, err := attrs(data, 0)
	long := func(typ uint16) time.Duration { return time.Duration(number(opts[typ])) * plan.Hundredth }
	l.STP = number(opts[nl.IFLA_BR_STP_STATE]) != 0
	l.Ageing, l.ForwardDelay = long(nl.IFLA_BR_AGEING_TIME), long(nl.IFLA_BR_FORWARD_DELAY)
	// While the spanning tree changes, addresses age in twice the forward delay, and the kernel
	// reports that (__br_set_topology_change in net/bridge/br_stp.c): what was set is not
	// known then, and mostly nothing was.
	if changes := opts[nl.IFLA_BR_TOPOLOGY_CHANGE]; len(changes) > 0 && changes[0] != 0 && l.Ageing == 2*l.ForwardDelay {
		l.Ageing = plan.UsualAgeing
	}
	l.Hello, l.MaxAge = long(nl.IFLA_BR_HELLO_TIME), long(nl.IFLA_BR_MAX_AGE)
	l.BridgePriority = int(short(opts[nl.IFLA_BR_PRIORITY]))
	is := func(typ uint16, value byte) bool { b := opts[typ]; return len(b) > 0 && b[0] == value }
	l.VLANFiltering = is(nl.IFLA_BR_VLAN_FILTERING, 1)
	l.NoSnooping, l.Querier = is(nl.IFLA_BR_MCAST_SNOOPING, 0), is(nl.IFLA_BR_MCAST_QUERIER, 1)
	return err
}

// parsePort reads what an interface has as a port of a bridge (IFLA_BRPORT_*).
func (l *rawLink) parsePort(data []byte) error {
	opts, err := attrs(data, 0)
	if state := opts[nl.IFLA_BRPORT_STATE]; len(state) > 0 && int(state[0]) < len(portStates) {
		l.PortState = portStates[state[0]]
	}
	is := func(typ uint16, value byte) bool { b := opts[typ]; return len(b) > 0 && b[0] == value }
	l.Cost, l.PortPriority = number(opts[nl.IFLA_BRPORT_COST]), int(short(opts[nl.IFLA_BRPORT_PRIORITY]))
	l.Hairpin, l.Guard, l.RootBlock = is(nl.IFLA_BRPORT_MODE, 1), is(nl.IFLA_BRPORT_GUARD, 1), is(nl.IFLA_BRPORT_PROTECT, 1)
	l.NoBroadcast, l.NoMulticast, l.Isolated = is(portBroadcasts, 0), is(portMulticasts, 0), is(nl.IFLA_BRPORT_ISOLATED, 1)
	l.NoFlood, l.NoLearning, l.Locked = is(nl.IFLA_BRPORT_UNICAST_FLOOD, 0), is(nl.IFLA_BRPORT_LEARNING, 0), is(portLocked, 1)
	return err
}
