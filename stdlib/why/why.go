package why

import (
	"cmp"
	"fmt"
	"slices"
	"syscall"

	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// Request is what was asked: the node that asks, its packet, and the interface that
// it must leave by, or "".
type Request struct {
	node   string
	packet path.Packet
	dev    string
}

// PingRequest is the request of a ping.
func PingRequest(q plan.Ping) Request {
	return Request{q.Node, path.Echo(q), cmp.Or(q.Dev, q.To.Zone())}
}

// ConnectRequest is the first packet of a connection, or a datagram.
func ConnectRequest(c plan.Connect) Request {
	return Request{c.Node, path.Packet{Dst: c.To.Addr().WithZone(""), Proto: c.Proto, DstPort: c.To.Port()}, cmp.Or(c.Dev, c.To.Addr().Zone())}
}

// NoReply says why an echo request got no reply, and what to do about it. To is
// the target as the script has it.
func NoReply(env *verb.Env, q plan.Ping, to string, r plan.PingReply) (why, fix string) {
	return unanswered(env, PingRequest(q), to, r.Err)
}

// Lossy names what may drop some of the packets of a ping, or of its replies.
func Lossy(env *verb.Env, q plan.Ping, to string) (why, fix string) {
	i := inquire(env, PingRequest(q), to)
	if i.Answered() {
		i.doubted()
	}
	return i.why, i.fix
}

// Unconnected says the same of a connection or a datagram.
func Unconnected(env *verb.Env, to string, c plan.Connect, e plan.PingError) (why, fix string) {
	return unanswered(env, ConnectRequest(c), to, e)
}

// unanswered follows a request, and then its reply, and names what stops it.
func unanswered(env *verb.Env, r Request, to string, e plan.PingError) (why, fix string) {
	if TableFull(e) {
		return FullTable()
	}
	q := inquire(env, r, to)
	q.explain()
	if q.why == "" && q.Answered() {
		q.preferred()
		q.full()
	}
	if q.why == "" {
		q.doubted()
	}
	if q.why == "" && e.From.IsValid() {
		q.why = e.From.String() + " refuses"
	}
	return q.why, q.fix
}

// FullTable says that the machine has no room for neighbours, which is no fault of
// the lab.
func FullTable() (why, fix string) {
	return "the kernel's neighbour table is full; all namespaces of this machine share it (net.ipv4.neigh.default.gc_thresh3)",
		"run fewer labs at once or, as root on the machine: sysctl -w net.ipv4.neigh.default.gc_thresh3=16384 net.ipv6.neigh.default.gc_thresh3=16384"
}

// TableFull reports a packet that the kernel had no neighbour entry for: other
// labs on the machine use the same table, so that it may pass a moment later
// (net/core/neighbour.c, neigh_alloc).
func TableFull(e plan.PingError) bool { return e.Errno == syscall.ENOBUFS }

// inquiry is a request, what became of it, and the reason that was found.
type inquiry struct {
	verb.Lab
	// table has the statements that may be proposed; nil where none is tried.
	table *verb.Table
	snap  *path.Snapshot
	// prober asks the kernels of nodes; nil where the lab is only a model.
	prober plan.Prober
	asked  Request
	// to is the target as the script has it.
	to string
	// turn is that of the connection, where rules translate connections in turn.
	turn int
	path.Exchange
	why, fix string
}

func inquire(env *verb.Env, r Request, to string) *inquiry {
	q := &inquiry{Lab: env.Lab, table: env.Table, snap: path.Of(env.Lab), prober: env.Prober, asked: r, to: to}
	q.Exchange = path.Ask(q.snap, r.node, r.packet, r.dev)
	if q.works() {
		q.nextTurn()
	}
	return q
}

// works reports whether, by all that is known, the reply comes.
func (q *inquiry) works() bool {
	proto := q.asked.packet.Proto
	if !q.Answered() || proto != "tcp" && proto != "udp" {
		return q.Answered()
	}
	_, listens := q.listener(proto)
	return listens
}

// maxTurns is how many targets of one published port are looked at.
const maxTurns = 16

// nextTurn looks at connections that come later, which rules may translate to other
// targets, and stays with the first that does not work.
func (q *inquiry) nextTurn() {
	first := q.Exchange
	for turn := 1; turn < maxTurns; turn++ {
		x, ok := path.AskTurn(q.snap, q.asked.node, q.asked.packet, q.asked.dev, turn)
		if !ok {
			break
		}
		if q.Exchange, q.turn = x, turn; !q.works() {
			return
		}
	}
	q.Exchange, q.turn = first, 0
}

// Snapshot is the lab as the inquiry found it.
func (q *inquiry) Snapshot() *path.Snapshot { return q.snap }

// explain words the first end that is none; it leaves no reason where, by all that
// is known, the reply comes.
func (q *inquiry) explain() {
	switch {
	case !q.Request.Arrived():
		q.say(q.Request, false)
	case q.Reply != nil && !q.Answered():
		q.say(*q.Reply, true)
	}
	if q.why == "" && !q.misled(q.Request) && q.Reply != nil {
		q.misled(*q.Reply)
	}
}

func (q *inquiry) stop(why, fix string) {
	if q.why == "" {
		q.why, q.fix = why, fix
	}
}

// say words how a packet ended; back says that it is the reply.
func (q *inquiry) say(f path.Fate, back bool) {
	if q.misled(f) || q.zoned(f) {
		return
	}
	switch e := f.End.(type) {
	case path.Delivered:
		if q.Estranged && back {
			q.estranged(f)
			return
		}
		q.toAnother(f, e.Node)
	case path.NoRoute:
		q.noRoute(f, e, back)
	case path.Refused:
		q.refused(e, back)
	case path.NotForwarding:
		q.notForwarding(f, e)
	case path.BadSource:
		q.badSource(f, e)
	case path.Filtered:
		q.filtered(e, back)
	case path.Discarded:
		q.discarded(e)
	case path.Unfragmented:
		q.unfragmented(f, e, q.heard(back))
	case path.Martian:
		q.stop(fmt.Sprintf("%s drops packets to %s that come in by %s, for it is a loopback address: %s is 0", e.Node, e.Dst, e.In, e.Key),
			q.advise("let it take them", fmt.Sprintf("sysctl %s %s=1", e.Node, e.Key)))
	case path.EchoIgnored:
		q.stop(fmt.Sprintf("%s ignores echo requests: %s is 1", e.Node, e.Key), q.advise("let it answer", fmt.Sprintf("sysctl %s %s=0", e.Node, e.Key)))
	case path.Expired:
		q.expired(f, e, back)
	case path.TooBig:
		q.tooBig(f, e)
	case path.Down:
		q.down(e.At)
	case path.NoNeighbour:
		q.noNeighbour(e)
	default:
		q.sayMore(e, back)
	}
	if q.why != "" {
		q.why += q.rewritten(f, back)
	}
}

// rewritten says by what rule a packet goes to an address that cannot be reached: one that
// changed its destination or, where it is the reply, the source of the request.
func (q *inquiry) rewritten(f path.Fate, back bool) string {
	switch e := f.End.(type) {
	case path.NoRoute:
	case path.NoNeighbour:
		if _, ok := e.Cause.(path.Unowned); !ok {
			return ""
		}
	case path.BadSource:
		return q.resourced(f, e)
	default:
		return ""
	}
	what := map[bool]string{false: "destination", true: "source"}[back]
	for _, h := range slices.Backward(q.Request.Hops) {
		for _, n := range slices.Backward(h.NAT) {
			if n.Source == back && n.To.Addr() == f.Packet.Dst {
				return fmt.Sprintf("; %s changed the %s %s to that address (%s)", h.Node, what, n.From.Addr(), q.ruleName(n))
			}
		}
	}
	return ""
}

// resourced says by what rule a packet has the source that is not believed.
func (q *inquiry) resourced(f path.Fate, e path.BadSource) string {
	for _, h := range slices.Backward(f.Hops) {
		for _, n := range slices.Backward(h.NAT) {
			if n.Source && n.To.Addr() == e.Src {
				return fmt.Sprintf("; %s changed the source %s to that address (%s)", h.Node, n.From.Addr(), q.ruleName(n))
			}
		}
	}
	return ""
}

// sayMore words the ends that are rare.
func (q *inquiry) sayMore(end path.End, back bool) {
	what := filteredWhat(path.Filtered{}, back)
	switch e := end.(type) {
	case path.NoSource:
		if !q.subnetless(e.Node, e.Dst) {
			q.stop(fmt.Sprintf("%s has no address to send from to %s", e.Node, e.Dst), q.number(e.Node))
		}
	case path.ForeignSource:
		q.stop(fmt.Sprintf("%s is to send from %s, which is no address of its own", e.Node, e.Src), "compare: show addrs "+e.Node)
	case path.Broadcast:
		q.stop(fmt.Sprintf("%s is the broadcast address of a subnet of %s, which no node answers for", e.Dst, e.Node), "give the other node another address of that subnet: show addrs")
	case path.Unlocal:
		q.unlocal(e)
	case path.Policed:
		q.policed(e, what)
	case path.Locked:
		q.stop(fmt.Sprintf("%s, a port of %s, is locked: it takes frames only from hardware addresses in the bridge's forwarding database, and %s is not there", e.Port, e.Bridge, e.MAC),
			fmt.Sprintf("unlock it: exec %s bridge link set dev %s locked off", e.Port.Node, e.Port.Link))
	case path.Misforwarded:
		q.misforwarded(e)
	case path.Sunk:
		q.buried(e.Buried)
	case path.SameMAC:
		q.stop(fmt.Sprintf("%s and %s have the same hardware address, %s, so that the bridge between them sends back nothing", e.A, e.B, e.MAC),
			fmt.Sprintf("give one another: mac %s 02:00:00:00:00:01", e.B))
	}
}

// heard is the fate of the ICMP error about a packet that was too big.
func (q *inquiry) heard(back bool) *path.Fate {
	if back {
		return q.Complaint
	}
	return q.Reply
}
