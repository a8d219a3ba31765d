package plan

import (
	"strconv"
	"time"
)

// IfOptions are what [SetOption] sets. Those of a bridge are zero for what is none, and
// those of a port for what is a port of no bridge.
type IfOptions struct {
	// Alias is a text for people (ifalias).
	Alias string
	// TxQueue is the length of the transmit queue, in packets.
	TxQueue int
	// Promisc: it takes frames for any hardware address (IFF_PROMISC), and AllMulticast,
	// for any multicast one (IFF_ALLMULTI). MulticastOff: it lacks IFF_MULTICAST.
	Promisc, AllMulticast, MulticastOff bool
	// NoARP: it resolves no addresses and answers for none (IFF_NOARP).
	NoARP bool
	BridgeOptions
	PortOptions
}

// UsualAgeing is how long a bridge keeps a learned hardware address where nothing
// else is set (BR_DEFAULT_AGEING_TIME).
const UsualAgeing = 5 * time.Minute

// BridgeOptions are those of a bridge (IEEE 802.1D).
type BridgeOptions struct {
	STP bool
	// Ageing is how long a learned hardware address is kept.
	Ageing, ForwardDelay, Hello, MaxAge time.Duration
	// BridgePriority decides which bridge is the root: the lowest.
	BridgePriority int
	// NoSnooping: multicasts leave by all ports, and not only by those whose nodes have joined
	// the group (RFC 4541). Querier: it asks for members itself (RFC 3376, RFC 3810).
	NoSnooping, Querier bool
}

// PortOptions are those of a bridge's port.
type PortOptions struct {
	// Cost is that of the path over the port, and PortPriority decides between equals.
	Cost, PortPriority int
	// Hairpin: frames may leave by the port that they came in by. Guard: the port goes
	// down when it receives STP messages (BPDU guard). RootBlock: it cannot become the
	// root port. Isolated: it exchanges no frames with other isolated ones.
	Hairpin, Guard, RootBlock, Isolated bool
	// NoBroadcast: it gets no broadcasts from its bridge, and NoMulticast, no multicasts.
	NoBroadcast, NoMulticast bool
	// NoFlood: it gets no frames for hardware addresses that the bridge does not
	// know. NoLearning: the bridge learns none there.
	NoFlood, NoLearning bool
}

// The values of an option that is either.
const (
	On  = "on"
	Off = "off"
)

// What an option is of, as ip-link(8) names the type.
const (
	OfBridge = "bridge"
	OfPort   = "bridge_slave"
)

// IfOption is one option of an interface.
type IfOption struct {
	// Name is that in a script, Word that of ip-link(8).
	Name, Word string
	// Of is [OfBridge], [OfPort], or "" for any interface.
	Of string
	// Min and Max are the limits of a number, or of a time in hundredths of a second; 0
	// for neither.
	Min, Max int
	field    func(*IfOptions) any
	inverted bool
}

// OptionsOf are the options of an interface of a kind that is or is not a port.
func OptionsOf(kind string, port bool) []IfOption {
	var list []IfOption
	for _, o := range AllIfOptions() {
		if o.Of == "" || o.Of == OfBridge && kind == OfBridge || o.Of == OfPort && port {
			list = append(list, o)
		}
	}
	return list
}

// AllIfOptions are all, in the order in which they can be set: a bridge takes a forward
// delay below two seconds while it does not run the spanning tree protocol only.
func AllIfOptions() []IfOption {
	return []IfOption{
		{Name: "alias", Word: "alias", field: func(o *IfOptions) any { return &o.Alias }},
		{Name: "txqueuelen", Word: "txqueuelen", Max: 1 << 20, field: func(o *IfOptions) any { return &o.TxQueue }},
		{Name: "promisc", Word: "promisc", field: func(o *IfOptions) any { return &o.Promisc }},
		{Name: "allmulticast", Word: "allmulticast", field: func(o *IfOptions) any { return &o.AllMulticast }},
		{Name: "multicast", Word: "multicast", inverted: true, field: func(o *IfOptions) any { return &o.MulticastOff }},
		{Name: "arp", Word: "arp", inverted: true, field: func(o *IfOptions) any { return &o.NoARP }},

		{Name: "stp", Word: "stp_state", Of: OfBridge, field: func(o *IfOptions) any { return &o.STP }},
		{Name: "ageing", Word: "ageing_time", Of: OfBridge, Max: 1e8, field: func(o *IfOptions) any { return &o.Ageing }},
		{Name: "forward-delay", Word: "forward_delay", Of: OfBridge, Max: 3000, field: func(o *IfOptions) any { return &o.ForwardDelay }},
		{Name: "hello", Word: "hello_time", Of: OfBridge, Min: 100, Max: 1000, field: func(o *IfOptions) any { return &o.Hello }},
		{Name: "max-age", Word: "max_age", Of: OfBridge, Min: 600, Max: 4000, field: func(o *IfOptions) any { return &o.MaxAge }},
		{Name: "bridge-priority", Word: "priority", Of: OfBridge, Max: 65535, field: func(o *IfOptions) any { return &o.BridgePriority }},
		{Name: "multicast-snooping", Word: "mcast_snooping", Of: OfBridge, inverted: true, field: func(o *IfOptions) any { return &o.NoSnooping }},
		{Name: "multicast-querier", Word: "mcast_querier", Of: OfBridge, field: func(o *IfOptions) any { return &o.Querier }},

		{Name: "cost", Word: "cost", Of: OfPort, Min: 1, Max: 65535, field: func(o *IfOptions) any { return &o.Cost }},
		{Name: "priority", Word: "priority", Of: OfPort, Max: 63, field: func(o *IfOptions) any { return &o.PortPriority }},
		{Name: "hairpin", Word: "hairpin", Of: OfPort, field: func(o *IfOptions) any { return &o.Hairpin }},
		{Name: "guard", Word: "guard", Of: OfPort, field: func(o *IfOptions) any { return &o.Guard }},
		{Name: "root-block", Word: "root_block", Of: OfPort, field: func(o *IfOptions) any { return &o.RootBlock }},
		{Name: "isolated", Word: "isolated", Of: OfPort, field: func(o *IfOptions) any { return &o.Isolated }},
		{Name: "learning", Word: "learning", Of: OfPort, inverted: true, field: func(o *IfOptions) any { return &o.NoLearning }},
		{Name: "flood", Word: "flood", Of: OfPort, inverted: true, field: func(o *IfOptions) any { return &o.NoFlood }},
		{Name: "mcast-flood", Word: "mcast_flood", Of: OfPort, inverted: true, field: func(o *IfOptions) any { return &o.NoMulticast }},
		{Name: "bcast-flood", Word: "bcast_flood", Of: OfPort, inverted: true, field: func(o *IfOptions) any { return &o.NoBroadcast }},
	}
}

// IfOptionNamed is the option of that name.
func IfOptionNamed(name string) (IfOption, bool) {
	for _, o := range AllIfOptions() {
		if o.Name == name {
			return o, true
		}
	}
	return IfOption{}, false
}

// Get is the option's value among others, as a script writes it: on or off, a number, a
// time with its unit, or a text.
func (o IfOption) Get(from IfOptions) string {
	switch v := o.field(&from).(type) {
	case *bool:
		if *v != o.inverted {
			return On
		}
		return Off
	case *int:
		return strconv.Itoa(*v)
	case *time.Duration:
		return v.String()
	case *string:
		return *v
	}
	return ""
}

// Put sets the option to a value; one that is malformed is taken for none.
func (o IfOption) Put(to *IfOptions, value string) {
	switch v := o.field(to).(type) {
	case *bool:
		*v = (value == On) != o.inverted
	case *int:
		*v, _ = strconv.Atoi(value)
	case *time.Duration:
		*v, _ = time.ParseDuration(value)
	case *string:
		*v = value
	}
}

// Hundredth is the unit in which the kernel counts times of a bridge (USER_HZ, time(7)).
const Hundredth = 10 * time.Millisecond

// Number is a value as the kernel has it: on is 1, a time is in hundredths of a second.
func (o IfOption) Number(value string) int {
	var s IfOptions
	o.Put(&s, value)
	switch v := o.field(&s).(type) {
	case *int:
		return *v
	case *time.Duration:
		return int(*v / Hundredth)
	}
	if value == On {
		return 1
	}
	return 0
}

// Outside reports a number or time beyond the option's limits.
func (o IfOption) Outside(value string) bool {
	n := o.Number(value)
	return o.Max > 0 && (n < o.Min || n > o.Max)
}

// IsFlag reports an option that is on or off, IsTime one that is a time.
func (o IfOption) IsFlag() bool { _, is := o.field(&IfOptions{}).(*bool); return is }

// IsTime reports an option that is a time.
func (o IfOption) IsTime() bool { _, is := o.field(&IfOptions{}).(*time.Duration); return is }

// IsNumber reports an option that is a number.
func (o IfOption) IsNumber() bool { _, is := o.field(&IfOptions{}).(*int); return is }

// DefaultOptions are those that a new interface of a kind has. A bridge of the lab starts
// to forward at once, unless it runs the spanning tree protocol.
func DefaultOptions(kind string, stp bool) IfOptions {
	o := IfOptions{TxQueue: 1000}
	switch kind {
	case "": // the loopback
		o.MulticastOff = true
	case Tun:
		o.TxQueue, o.NoARP = 500, true
	case Dummy, GRE, IPIP, SIT, WireGuard, VRF:
		o.NoARP, o.MulticastOff = true, true
	case OfBridge:
		o.BridgeOptions = BridgeOptions{STP: stp, Ageing: UsualAgeing, Hello: 2 * time.Second, MaxAge: 20 * time.Second, BridgePriority: 32768}
		if stp {
			o.ForwardDelay = 15 * time.Second
		}
	}
	return o
}

// DefaultPort are the options of an interface of a kind that has just become a port. The
// cost follows from the speed that the device reports (port_cost, net/bridge/br_if.c).
func DefaultPort(kind string) PortOptions {
	p := PortOptions{Cost: 100, PortPriority: 32}
	if kind == "veth" {
		p.Cost = 2
	}
	return p
}

// The forward delay of a bridge that runs the spanning tree protocol is between these
// (BR_MIN_FORWARD_DELAY, BR_MAX_FORWARD_DELAY; net/bridge/br_private.h).
const (
	MinForwardDelay = 2 * time.Second
	MaxForwardDelay = 30 * time.Second
)

// NewOptions are those that an interface had when it was new, and became what it is a port of.
func (l Link) NewOptions() IfOptions {
	o := DefaultOptions(l.Kind, l.STP)
	o.PortOptions = DefaultPort(l.Kind)
	return o
}

// SetOption sets an option of an interface (ip-link(8)).
type SetOption struct{ Node, Name, Option, Value, Was string }

func (SetOption) op() {}

// Effect is the option.
func (o SetOption) Effect() Effect { return about(o.Node, o.Name, o.Option+" "+o.Value) }

// Inverse sets the former value.
func (o SetOption) Inverse() []Op {
	return []Op{SetOption{Node: o.Node, Name: o.Name, Option: o.Option, Value: o.Was, Was: o.Value}}
}

// Commands is ip link set.
func (o SetOption) Commands() []Command {
	option, _ := IfOptionNamed(o.Option)
	c := ip(o.Node, "link", "set", "dev", o.Name)
	value := o.Value
	if option.Of != "" {
		c = append(c, "type", option.Of)
		if option.Of == OfBridge || !option.IsFlag() {
			value = strconv.Itoa(option.Number(value))
		}
	}
	return []Command{append(c, option.Word, value)}
}

// OptionOps are the ops that make the options of an interface of a kind others.
func OptionOps(at Ref, kind string, port bool, from, to IfOptions) []Op {
	if from == to { // as those of most interfaces
		return nil
	}
	var ops []Op
	for _, o := range OptionsOf(kind, port) {
		if was, is := o.Get(from), o.Get(to); was != is {
			ops = append(ops, SetOption{Node: at.Node, Name: at.Link, Option: o.Name, Value: is, Was: was})
		}
	}
	if from.STP != to.STP && to.STP {
		// The forward delay of a bridge with STP is two seconds at least: it is set first.
		for i, op := range ops {
			if op.(SetOption).Option == "stp" { //nolint:forcetypeassert // all are
				ops = append(append(ops[:i:i], ops[i+1:]...), op)
				break
			}
		}
	}
	return ops
}
