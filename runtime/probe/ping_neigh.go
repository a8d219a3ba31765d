package probe

import (
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"time"

	"nsl/runtime/rtnl"
)

// neighbours is the neighbour table of the kernel, as far as the asking nodes
// have entries in it: one table of a family for all namespaces, limited by
// gc_thresh3. An entry younger than five seconds is not dropped to make room
// (net/core/neighbour.c, neigh_forced_gc): the sender gets ENOBUFS, and an
// address resolution from elsewhere is not answered.
type neighbours struct {
	inside  Inside
	netlink rtnl.Dialer
	nodes   []string

	mu    sync.Mutex
	conns []*rtnetlink
	// ports are each node's, owners by their address; learn fills them in.
	ports   map[string][]*port
	owners  map[netip.Addr]*port
	relief  time.Time
	openErr error
}

// open opens a netlink socket in each node, once.
func (t *neighbours) open() error { return t.openFirst(len(t.nodes)) }

// openFirst opens those of the first n nodes.
func (t *neighbours) openFirst(n int) error {
	for _, node := range t.nodes[min(len(t.conns), n):n] {
		if t.openErr != nil {
			break
		}
		c := &rtnetlink{node: node, dialer: t.netlink}
		if t.openErr = t.inside(node, c.open); t.openErr != nil {
			return t.openErr
		}
		t.conns = append(t.conns, c)
	}
	return t.openErr
}

func (t *neighbours) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.conns {
		_ = c.Close()
	}
}

// learn looks at what addresses the nodes have.
func (t *neighbours) learn() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.open(); err != nil {
		return err
	}
	t.ports, t.owners = map[string][]*port{}, map[netip.Addr]*port{}
	for _, c := range t.conns {
		err := c.addresses(func(p *port) {
			p.node = c.node
			t.owners[p.local] = p
			t.ports[c.node] = append(t.ports[c.node], p)
		})
		if err != nil {
			return fmt.Errorf("addresses of %s: %w", c.node, err)
		}
	}
	return nil
}

// owner is the node that learn has found to have an address, else the address
// itself, which no other node has.
func (t *neighbours) owner(a netip.Addr) string {
	if at := t.owners[a]; at != nil {
		return at.node
	}
	return a.String()
}

// plenty are as many pairs as one wave is good for.
const plenty = 400

// room is for how many pairs of nodes that ask each other there is room. It
// drops entries when there is little.
func (t *neighbours) room() int {
	const least = 32
	free := t.free()
	if free < 2*plenty {
		t.drop()
		free = t.free()
	}
	// Two entries a pair, and a tenth for others who share the table.
	return max(least, free*9/20)
}

// relieve drops entries, at most every few milliseconds however many ask.
func (t *neighbours) relieve() {
	const often = 20 * time.Millisecond
	t.mu.Lock()
	due := time.Since(t.relief) > often
	if due {
		t.relief = time.Now()
	}
	t.mu.Unlock()
	if due {
		t.drop()
	}
}

// drop deletes the resolved dynamic entries of all asking nodes. It does what it
// can: an entry that stays costs time, no answer.
func (t *neighbours) drop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open() != nil {
		return
	}
	var all sync.WaitGroup
	for part := range slices.Chunk(t.conns, 1+len(t.conns)/runtime.GOMAXPROCS(0)) {
		all.Go(func() {
			for _, c := range part {
				_ = c.dropNeighbours()
			}
		})
	}
	all.Wait()
}

// free is the room in the fuller of the two tables.
func (t *neighbours) free() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.nodes) == 0 || t.openFirst(1) != nil {
		return 0
	}
	free, err := t.conns[0].freeNeighbours()
	if err != nil {
		return 0
	}
	return free
}

// overflows is how often a table was full since the machine started, 0 where that
// cannot be found out.
func (t *neighbours) overflows() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.nodes) == 0 || t.openFirst(1) != nil {
		return 0
	}
	n, _ := t.conns[0].overflows()
	return n
}
