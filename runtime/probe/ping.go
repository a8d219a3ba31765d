package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// Inside runs f on a thread that is in the network namespace of a node, and
// returns f's error or why the namespace could not be entered.
type Inside = func(node string, f func() error) error

// Ping sends echo requests for all of requests at once and reports what came
// back, in their order. It returns when every request has its answer (replies
// to all, or a definite refusal) or has waited its Wait.
//
// The error is ctx's own when it ended first, and the replies are then what was
// known; or it says which request is malformed or which socket could not be
// opened (errors.Is with a syscall.Errno works), and nothing was sent. What the
// network or the node's kernel refuses is no error but PingReply.Err.
//
// A request ends with its first refusal as long as no reply came; "packet too
// big" is the exception, because the kernel fragments the next one. Multicast
// and broadcast are refused with EACCES: a reply would not come from To.
//
// All namespaces of a machine share one neighbour table of 1024 entries for
// each family (net.ipv4.neigh.default.gc_thresh3). When requests need more than
// are free, Ping sends them in waves and deletes the dynamic, resolved entries
// of the asking nodes in between. More than a hundred requests between nodes on one
// subnet of IPv4 share their address resolutions: Ping enters the neighbours that
// will be talked to as failed, so that what one of them asks by broadcast tells all
// others its address. An address that is not seen on the wire gets no entry.
//
// Many requests wait until no other lab of the machine has many under way, and go
// slower where a broadcast has many to get to: see [plan.Pacing].
//
// An address resolution that is still under way when a request has waited in
// vain is ended, as the kernel would a few seconds later: the next request starts
// one of its own instead of waiting for this one's next attempt.
//
// Ping calls inside only to open sockets, never twice at a time. Everything it
// opened and started is gone when it returns.
func Ping(ctx context.Context, inside func(node string, f func() error) error, requests []plan.Ping) ([]plan.PingReply, error) {
	return PingOn(ctx, rtnl.Dialer{}, inside, requests)
}

// PingOn is Ping with netlink sockets that this dialer opens.
func PingOn(ctx context.Context, d rtnl.Dialer, inside Inside, requests []plan.Ping) ([]plan.PingReply, error) {
	p := &pinger{inside: oneAtATime(inside), netlink: d, nodes: map[string]*node{}}
	defer p.close()
	start := time.Now()
	defer takeTurn(ctx, len(requests))()
	flights, err := p.prepare(requests)
	if err != nil {
		return nil, err
	}
	wasFull := p.table.watch()
	if err := p.fly(ctx, flights); err != nil {
		return nil, err
	}
	p.table.giveUp(flights)
	p.table.leave(len(flights))
	replies, full := make([]plan.PingReply, len(flights)), wasFull()
	for i, f := range flights {
		replies[i] = f.result()
		replies[i].Pacing = paced(start, f.begun, full)
	}
	return replies, ctx.Err()
}

func oneAtATime(inside Inside) Inside {
	var mu sync.Mutex
	return func(node string, f func() error) error {
		mu.Lock()
		defer mu.Unlock()
		return inside(node, f)
	}
}

// pinger is one call of Ping.
type pinger struct {
	inside  Inside
	netlink rtnl.Dialer
	nodes   map[string]*node
	reader  *reader
	table   *neighbours
}

// node is where requests leave.
type node struct {
	// four and six are nil when no request needs them or the kernel lacks the
	// family.
	four, six *socket
	// size4 and size6 are the largest payloads, -1 for no requests.
	size4, size6 int
}

func (n *node) socket(to netip.Addr) *socket {
	if to.Is4() {
		return n.four
	}
	return n.six
}

// prepare checks the requests and opens what they need.
func (p *pinger) prepare(requests []plan.Ping) ([]*flight, error) {
	flights := make([]*flight, len(requests))
	for i, r := range requests {
		f, err := newFlight(r)
		if err != nil {
			return nil, err
		}
		flights[i] = f
		p.need(f.Ping)
	}
	if err := p.open(); err != nil {
		return nil, err
	}
	for _, f := range flights {
		p.aim(f)
	}
	return flights, nil
}

// need notes what sockets a request needs.
func (p *pinger) need(r plan.Ping) {
	n := p.nodes[r.Node]
	if n == nil {
		n = &node{size4: -1, size6: -1}
		p.nodes[r.Node] = n
	}
	if r.To.Is4() {
		n.size4 = max(n.size4, r.Size)
	} else {
		n.size6 = max(n.size6, r.Size)
	}
}

// open opens the sockets of all nodes and starts to read from them.
func (p *pinger) open() (err error) {
	for name, n := range p.nodes {
		if err := p.inside(name, n.open); err != nil {
			return fmt.Errorf("ping from %s: %w", name, err)
		}
	}
	p.table = &neighbours{inside: p.inside, netlink: p.netlink, nodes: p.names()}
	p.reader, err = startReader(p.sockets())
	return err
}

// open runs inside the node.
func (n *node) open() (err error) {
	if n.four, err = openIfNeeded(icmp4(), n.size4); err != nil {
		return err
	}
	n.six, err = openIfNeeded(icmp6(), n.size6)
	return err
}

func openIfNeeded(f *family, size int) (*socket, error) {
	if size < 0 {
		return nil, nil
	}
	s, err := openSocket(f, size)
	if errors.Is(err, unix.EAFNOSUPPORT) {
		return nil, nil // the kernel lacks IPv6: its requests are refused one by one
	}
	return s, err
}

// aim gives a flight its socket and interface, or refuses it.
func (p *pinger) aim(f *flight) {
	f.table, f.inside = p.table, p.inside
	f.socket = p.nodes[f.Node].socket(f.To)
	if f.socket == nil {
		f.refused(plan.RefusedHere(unix.EAFNOSUPPORT))
		return
	}
	if f.Dev != "" {
		index, err := interfaceIndex(f.socket.fd, f.Dev)
		if err != nil {
			f.refused(plan.RefusedHere(unix.ENODEV))
		}
		f.ifindex = index
	}
	if f.To.IsMulticast() {
		f.refused(plan.RefusedHere(unix.EACCES))
	}
}

// interfaceIndex asks the namespace of a socket (netdevice(7), SIOCGIFINDEX).
func interfaceIndex(fd int, name string) (int, error) {
	r, err := unix.NewIfreq(name)
	if err != nil {
		return 0, err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, r); err != nil {
		return 0, err
	}
	return int(r.Uint32()), nil
}

func (p *pinger) names() []string {
	var names []string
	for name := range p.nodes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (p *pinger) sockets() []*socket {
	var all []*socket
	for _, n := range p.nodes {
		for _, s := range []*socket{n.four, n.six} {
			if s != nil {
				all = append(all, s)
			}
		}
	}
	return all
}

// close ends the reader before its sockets: the number of a closed descriptor
// may be another file's at once.
func (p *pinger) close() {
	if p.reader != nil {
		p.reader.stop()
	}
	for _, s := range p.sockets() {
		_ = unix.Close(s.fd)
	}
	if p.table != nil {
		p.table.close()
	}
}
