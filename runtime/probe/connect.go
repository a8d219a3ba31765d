package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"nsl/runtime/plan"
)

// Connect asks services whether they answer, all at once (as far as the
// neighbour table and the queues of packets go, see [Ping]), and reports what came
// back, in the order of requests.
//
// The error is ctx's own when it ended first; or it says which socket could not
// be opened, or which node is not there. What the network, the node's kernel or
// the other side refuses is no error but ConnectReply.Err.
//
// It calls inside only to open sockets, never twice at a time. Everything it
// opened and started is gone when it returns.
func Connect(ctx context.Context, inside Inside, requests []plan.Connect) ([]plan.ConnectReply, error) {
	c := &connector{inside: oneAtATime(inside), requests: requests, replies: make([]plan.ConnectReply, len(requests))}
	defer c.table.close()
	c.table.inside, c.table.nodes, c.begun = c.inside, c.nodes(), make([]time.Time, len(requests))
	start := time.Now()
	defer takeTurn(ctx, len(requests))()
	wasFull := c.table.watch()
	err := c.run(ctx)
	c.table.giveUp(c.silent())
	c.table.leave(len(requests))
	full := wasFull()
	for i := range c.replies {
		c.replies[i].Pacing = paced(start, c.begun[i], full)
	}
	return c.replies, errors.Join(err, ctx.Err())
}

// silent are the requests that nothing came back for, as echo requests.
func (c *connector) silent() []*flight {
	var list []*flight
	for i, r := range c.requests {
		if reply := c.replies[i]; !reply.Connected && reply.Err.What == "" {
			list = append(list, &flight{Ping: plan.Ping{Node: r.Node, To: r.To.Addr(), Dev: r.Dev}})
		}
	}
	return list
}

// connector is one call of Connect.
type connector struct {
	inside   Inside
	requests []plan.Connect
	replies  []plan.ConnectReply
	// begun is when each was asked.
	begun []time.Time
	table neighbours

	mu     sync.Mutex
	failed error
}

func (c *connector) run(ctx context.Context) error {
	order := make([]int, len(c.requests))
	for i := range order {
		order[i] = i
	}
	if len(order) <= fewFlights {
		return c.wave(ctx, order)
	}
	err := c.table.learn()
	if err != nil {
		return err
	}
	// Two nodes that ask each other share the entries of the neighbour table.
	slices.SortStableFunc(order, func(i, j int) int {
		return strings.Compare(c.pairKey(i), c.pairKey(j))
	})
	for len(order) > 0 && ctx.Err() == nil && err == nil {
		n := min(len(order), c.table.room())
		err = c.wave(ctx, order[:n])
		order = order[n:]
	}
	return err
}

func (c *connector) nodes() []string {
	var list []string
	for _, r := range c.requests {
		list = append(list, r.Node)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (c *connector) pairKey(i int) string {
	node, owner := c.requests[i].Node, c.table.owner(c.requests[i].To.Addr())
	return min(node, owner) + " " + max(node, owner)
}

// wave asks some of the requests. The next one starts when one has its answer, or
// has been silent for a while.
func (c *connector) wave(ctx context.Context, which []int) error {
	room := windowFor(c.crowd())
	free := make(chan struct{}, room)
	var all sync.WaitGroup
	for n, i := range which {
		if c.failure() != nil || ctx.Err() != nil {
			break
		}
		free <- struct{}{}
		all.Go(func() {
			release := sync.OnceFunc(func() { <-free })
			// Where there are many to ask, silent ones are left alone sooner.
			patience := max(quiet/10, quiet/time.Duration(1+n/room))
			silent := time.AfterFunc(patience, release)
			defer silent.Stop()
			c.one(ctx, i)
			release()
		})
	}
	all.Wait()
	return c.failure()
}

func (c *connector) crowd() (n int) {
	for _, r := range c.requests {
		n = max(n, r.Crowd)
	}
	return n
}

// one asks one request.
func (c *connector) one(ctx context.Context, i int) {
	c.begun[i] = time.Now()
	var one *call
	err := c.inside(c.requests[i].Node, func() (err error) {
		one, err = openCall(c.requests[i])
		return err
	})
	if err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.failed = fmt.Errorf("connect from %s: %w", c.requests[i].Node, err)
		return
	}
	defer one.close()
	c.replies[i] = one.run(ctx)
}

func (c *connector) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}
