package path

import (
	"net/netip"
	"syscall"

	"nsl/runtime/plan"
)

// End is how a packet ended. The union is sealed: every end is in this package.
type End interface{ end() }

type (
	// Delivered means that its destination is the node's own. In is "lo" for a packet of
	// the node's own.
	Delivered struct{ Node, In string }

	// EchoIgnored means that the packet is an echo request, and the node ignores them. Key is
	// the setting that says so.
	EchoIgnored struct{ Node, Key string }

	// NoRoute means that no route of the node leads to the destination.
	NoRoute struct {
		Node string
		Dst  netip.Addr
	}

	// Refused means that a route of the node refuses the packet. Errno is what it refuses
	// with: EINVAL for a blackhole, EACCES for prohibit, EHOSTUNREACH for
	// unreachable.
	Refused struct {
		Node  string
		Dst   netip.Addr
		Errno syscall.Errno
		// Route is the route, and Rule the policy rule that led to its table; zero
		// where they were not found, and for the rules of the kernel's own.
		Route plan.Route
		Rule  plan.Rule
	}

	// NotForwarding means that the node does not pass on what is not its own. Key is the
	// setting that says so.
	NotForwarding struct{ Node, In, Key string }

	// BadSource means that the packet's source is not believed at the interface it came in
	// by (rp_filter, accept_local).
	BadSource struct {
		Node, In string
		Src      netip.Addr
		// Own: the source is an address of the node itself. Otherwise Key is the
		// rp_filter setting, and Back the interface that replies would leave by, or
		// "" where there is no route back.
		Own       bool
		Key, Back string
	}

	// Martian means that its destination is a loopback address, which no packet may have
	// that comes in by an interface, unless route_localnet of the interface says so.
	Martian struct {
		Node, In string
		Dst      netip.Addr
		Key      string
	}

	// Filtered means that a rule of the packet filter dropped or rejected it. Rule is
	// the lab's own rule; where it is another program's, only its Verdict is set, and
	// for a reset its Proto. By names the rule in either case.
	Filtered struct {
		Node, In, Out string
		Rule          plan.NftRule
		By            RuleName
		// Frame is what was filtered where it is not the packet itself but what the
		// link needs before: "ARP request", "ARP reply", "neighbor solicitation",
		// "neighbor advertisement".
		Frame string
		// Bridge is the bridge whose frames IP's filters see, and BridgeKey the setting
		// that says so (br_netfilter); "" where it was not a bridge's.
		Bridge, BridgeKey string
	}

	// Discarded means that the queue of an interface dropped it, or a filter there did.
	// Size is that of the frame in bytes, 0 where it does not matter.
	Discarded struct {
		At    plan.Ref
		Qdisc plan.Qdisc
		Size  int
	}

	// Unfragmented means that it does not fit the interface that it had to leave by, and
	// must not be fragmented.
	Unfragmented struct {
		Node, Out string
		MTU, Size int
		// ByRoute: the MTU is one of the route.
		ByRoute bool
	}

	// Expired means that its time to live ran out. Loop are the nodes that it went round,
	// the first one again at the end; none where it was too far. TTL is what the packet
	// had at first, and Key the setting of its node that says so, "" if the packet did.
	Expired struct {
		Node string
		Loop []string
		TTL  int
		Key  string
	}

	// Down means that an interface that it had to leave by is down.
	Down struct{ At plan.Ref }

	// TooBig means that an interface on the segment takes no frames of this size,
	// without saying so. Size is that of the packet, or of its fragment.
	TooBig struct {
		At        plan.Ref
		MTU, Size int
	}

	// NoNeighbour means that no interface answered for an address on the link (ARP, neighbour
	// discovery).
	NoNeighbour struct {
		// At is the interface that asked for Addr.
		At   plan.Ref
		Addr netip.Addr
		// Owners are the interfaces in the lab that have the address.
		Owners []plan.Ref
		Cause  Cause
	}

	// NoSource means that the sender has no address for the packet's source but that of its
	// loopback.
	NoSource struct {
		Node string
		Dst  netip.Addr
	}

	// ForeignSource means that the source that the sender has to use is not its own address.
	ForeignSource struct {
		Node string
		Src  netip.Addr
	}

	// Broadcast means that the destination is a broadcast address of the node's subnet.
	Broadcast struct {
		Node string
		Dst  netip.Addr
	}

	// Unlocal means that an interface of the node has the destination, but its routes do
	// not say that it is the node's own. Duplicate: another node was found to have it.
	Unlocal struct {
		At        plan.Ref
		Dst       netip.Addr
		Duplicate bool
	}

	// Policed means that an IPsec policy of the node drops it.
	Policed struct {
		Node   string
		Policy plan.IPsecPolicy
	}

	// Locked means that a port of a bridge takes no frames from the hardware address that
	// sent it.
	Locked struct {
		Port, Bridge plan.Ref
		MAC          string
	}

	// Misforwarded means that a bridge has an entry for the hardware address of the
	// receiver that leads elsewhere, or none and does not flood.
	Misforwarded struct {
		Bridge plan.Ref
		Entry  plan.ForwardEntry
		// Port is the port that would lead there.
		Port plan.Ref
	}

	// SameMAC means that the sender of a frame has the hardware address of its receiver, and
	// a bridge between them sends it back where it comes from.
	SameMAC struct {
		A, B plan.Ref
		MAC  string
	}

	// Sunk means that a packet in which a tunnel carries it does not arrive.
	Sunk struct{ Buried }

	// Unknown means that the lab could not be asked.
	Unknown struct {
		Node string
		Err  error
	}
)

func (Delivered) end()     {}
func (EchoIgnored) end()   {}
func (NoRoute) end()       {}
func (Refused) end()       {}
func (NotForwarding) end() {}
func (BadSource) end()     {}
func (Martian) end()       {}
func (Filtered) end()      {}
func (Discarded) end()     {}
func (Unfragmented) end()  {}
func (Expired) end()       {}
func (Down) end()          {}
func (TooBig) end()        {}
func (NoNeighbour) end()   {}
func (NoSource) end()      {}
func (ForeignSource) end() {}
func (Broadcast) end()     {}
func (Unlocal) end()       {}
func (Policed) end()       {}
func (Locked) end()        {}
func (Misforwarded) end()  {}
func (SameMAC) end()       {}
func (Sunk) end()          {}
func (Unknown) end()       {}

// Cause is why no interface answered for an address. The union is sealed.
type Cause interface{ cause() }

type (
	// Unowned means that no interface of the lab has the address. By is what stops frames on
	// the segment, so that whoever had it may have lost it, nil for nothing;
	// Disabled is a node on the segment in which IPv6 is disabled, or "".
	Unowned struct {
		By       Obstacle
		Disabled string
	}

	// Apart means that no cable or bridge leads from the interface that asks to an owner.
	Apart struct {
		// Elsewhere is another interface of the node that asks which shares a
		// segment with an owner; zero for none.
		Elsewhere plan.Ref
		// Detached is the interface where the segment of one of the two, Of, ends beside
		// Bridge, a bridge of the segment of the other; zero for none.
		Detached, Of, Bridge plan.Ref
		// Other is the bridge that Detached is a port of, zero where it is none's.
		Other plan.Ref
	}

	// Lower means that the owner is the lower device of the macvlan or ipvlan that asks,
	// which exchanges no frames with it.
	Lower struct{ Owner plan.Ref }

	// Port means that the interface that asks is a port of a bridge, which gets the answers.
	Port struct{ Bridge plan.Ref }

	// Blocked means that on the segment, frames to the owner stop at something.
	Blocked struct{ By Obstacle }

	// Mute means that frames reach the owner, which does not answer: Key is the setting
	// that says so (arp_ignore, arp_filter), or "" where ARP is off on it.
	Mute struct {
		Owner plan.Ref
		Key   string
		// From asks, where it is arp_filter, and Back is the interface by which the owner
		// reaches it, "" for none.
		From netip.Addr
		Back string
	}

	// Unproxied means that a node of the segment has an entry to answer for the address
	// (ip neigh add proxy), and does not, for the setting Key is off.
	Unproxied struct {
		At  plan.Ref
		Key string
	}

	// Mistaken means that the neighbour table has a hardware address that no interface of
	// the segment has.
	Mistaken struct{ Entry plan.Neighbour }
)

func (Unowned) cause()   {}
func (Unproxied) cause() {}
func (Apart) cause()     {}
func (Lower) cause()     {}
func (Port) cause()      {}
func (Blocked) cause()   {}
func (Mute) cause()      {}
func (Mistaken) cause()  {}
