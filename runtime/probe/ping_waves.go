package probe

import (
	"context"
	"runtime"
	"sync"
	"time"
)

const (
	// fewFlights need at most a fifth of the neighbour table.
	fewFlights = 100
	// window is how many flights may be at address resolution at a time: each is
	// a broadcast that a bridge copies to all its ports, and a CPU's queue of
	// received packets holds 1000 (net.core.netdev_max_backlog), the rest is
	// dropped.
	window = 16
	// quiet is how long nothing comes before those that are silent are left alone:
	// the next ones start, the silent ones have the rest of their Wait.
	quiet = 50 * time.Millisecond
)

// pair is what two nodes ask each other: when lead has its answer, the nodes
// know each other, and follow needs no address resolution. On a bridge of n
// ports that halves the n³ copies of broadcasts, which are what a mesh costs.
type pair struct {
	lead   *flight
	follow []*flight
}

// fly runs all flights. The error is of the neighbour table; the flights'
// outcomes are in them.
func (p *pinger) fly(ctx context.Context, flights []*flight) error {
	var all sync.WaitGroup
	defer all.Wait()
	if len(flights) <= fewFlights {
		together(ctx, &all, pairUp(flights, p.table))
		return nil
	}
	if err := p.table.learn(); err != nil {
		return err
	}
	pairs := pairUp(flights, p.table)
	for len(pairs) > 0 && ctx.Err() == nil {
		n := min(len(pairs), p.table.room())
		p.table.introduce(pairs[:n])
		together(ctx, &all, pairs[:n])
		pairs = pairs[n:]
	}
	return nil
}

// pairUp keeps the order of first appearance.
func pairUp(flights []*flight, t *neighbours) []*pair {
	type key struct {
		a, b string
		four bool
	}
	var order []*pair
	known := map[key]*pair{}
	for _, f := range flights {
		owner := t.owner(f.To)
		k := key{min(f.Node, owner), max(f.Node, owner), f.To.Is4()}
		if p := known[k]; p != nil {
			p.follow = append(p.follow, f)
			continue
		}
		known[k] = &pair{lead: f}
		order = append(order, known[k])
	}
	return order
}

// wave is a number of pairs that fit in the neighbour table together.
type wave struct {
	ctx context.Context
	// all counts the flights under way, of earlier waves too.
	all *sync.WaitGroup
	// next are the pairs that have not started, started those whose follow may
	// not have.
	next, started []*pair
	// settled gets a pair for each of its flights that has its first answer or
	// has ended.
	settled chan *pair
	// left is how many have not.
	left int
	// window is how many may be at address resolution at a time.
	window int
}

func newWave(ctx context.Context, all *sync.WaitGroup, pairs []*pair, window int) *wave {
	w := &wave{ctx: ctx, all: all, next: pairs, window: window}
	for _, p := range pairs {
		w.left += 1 + len(p.follow)
	}
	w.settled = make(chan *pair, w.left)
	return w
}

// together runs pairs in as many waves as there are processors.
func together(ctx context.Context, all *sync.WaitGroup, pairs []*pair) {
	shares := make([][]*pair, min(runtime.GOMAXPROCS(0), max(1, len(pairs)/window)))
	for i, p := range pairs {
		shares[i%len(shares)] = append(shares[i%len(shares)], p)
	}
	var waves sync.WaitGroup
	for _, share := range shares {
		waves.Go(newWave(ctx, all, share, max(1, window/len(shares))).run)
	}
	waves.Wait()
}

// run starts the flights and returns when all are settled or the rest is silent.
func (w *wave) run() {
	w.start(w.window)
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	for w.left > 0 {
		select {
		case p := <-w.settled:
			w.left--
			w.follow(p)
		case <-timer.C:
			if !w.startRest() {
				return
			}
		case <-w.ctx.Done():
			return
		}
		timer.Reset(quiet)
	}
}

// start starts the next n pairs.
func (w *wave) start(n int) {
	n = min(n, len(w.next))
	for _, p := range w.next[:n] {
		w.launch(p, p.lead)
	}
	w.started = append(w.started, w.next[:n]...)
	w.next = w.next[n:]
}

// follow starts what waited for the lead of p, and a pair in place of it.
func (w *wave) follow(p *pair) {
	if p.lead == nil {
		return
	}
	p.lead = nil
	for _, f := range p.follow {
		w.launch(p, f)
	}
	p.follow = nil
	w.start(1)
}

// startRest starts everything, and reports whether there was anything.
func (w *wave) startRest() bool {
	w.start(len(w.next))
	rest := false
	for _, p := range w.started {
		rest = rest || p.lead != nil
		w.follow(p)
	}
	w.started = nil
	return rest
}

func (w *wave) launch(p *pair, f *flight) {
	f.settle = sync.OnceFunc(func() { w.settled <- p })
	if w.ctx.Err() == nil && !f.begin() {
		w.all.Go(func() { f.run(w.ctx) })
	}
}
