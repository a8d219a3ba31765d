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
	// received packets holds so many as backlog says (net.core.netdev_max_backlog),
	// the rest is dropped.
	window  = 16
	backlog = 1000
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
	// crowded: a broadcast gets to so many that only few may be under way.
	crowded bool
	// silent says that some were silent for a while, and the next need not wait long.
	silent bool
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
	crowd := 0
	for _, p := range pairs {
		crowd = max(crowd, p.lead.Crowd)
	}
	room := windowFor(crowd)
	shares := make([][]*pair, min(runtime.GOMAXPROCS(0), room, max(1, len(pairs)/room)))
	for i, p := range pairs {
		shares[i%len(shares)] = append(shares[i%len(shares)], p)
	}
	var waves sync.WaitGroup
	for _, share := range shares {
		w := newWave(ctx, all, share, max(1, room/len(shares)))
		w.crowded = room < window
		waves.Go(w.run)
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
			if !w.startSome() {
				return
			}
		case <-w.ctx.Done():
			return
		}
		timer.Reset(w.patience())
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

// patience is how long the next answer is waited for: not long after silence, or a
// node that asks a hundred which are not there would take seconds to begin.
func (w *wave) patience() time.Duration {
	if w.silent && len(w.next) > 0 {
		return quiet / 10
	}
	return quiet
}

// startSome starts the next pairs after a silence, the rest if there is room for
// it, and reports whether there was any.
func (w *wave) startSome() bool {
	if w.silent = true; len(w.next) > w.window && w.crowded {
		w.start(w.window)
		return true
	}
	return w.startRest()
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
