package probe

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

// fewFlights need at most a fifth of the neighbour table and go all at once.
const fewFlights = 100

// quiet is how long a wave may go without an answer before the next one starts;
// requests of the wave still have their whole Wait.
const quiet = 50 * time.Millisecond

// pair is what two nodes ask each other: when lead has its answer, the nodes
// know each other, and follow needs no address resolution. On a bridge of n
// ports that halves the n² copies of broadcasts, which are what a mesh costs.
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
		for _, f := range flights {
			all.Go(func() { f.run(ctx) })
		}
		return nil
	}
	owners, err := p.table.addresses()
	if err != nil {
		return err
	}
	pairs := pairUp(flights, owners)
	for len(pairs) > 0 && ctx.Err() == nil {
		n := min(len(pairs), p.table.room())
		runWave(ctx, &all, pairs[:n])
		pairs = pairs[n:]
	}
	return nil
}

// pairUp keeps the order of first appearance. owners tell whose an address is.
func pairUp(flights []*flight, owners map[netip.Addr]string) []*pair {
	type key struct {
		a, b string
		four bool
	}
	var order []*pair
	known := map[key]*pair{}
	for _, f := range flights {
		owner, found := owners[f.To]
		if !found {
			owner = f.To.String()
		}
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

// runWave starts the flights of a wave and returns when all are settled or
// nothing has come for a while. all counts those still under way.
func runWave(ctx context.Context, all *sync.WaitGroup, wave []*pair) {
	settled := make(chan *pair, count(wave))
	launch := func(p *pair, f *flight) {
		f.settle = sync.OnceFunc(func() { settled <- p })
		all.Go(func() { f.run(ctx) })
	}
	for _, p := range wave {
		launch(p, p.lead)
	}
	follow := func(p *pair) {
		for _, f := range p.follow {
			launch(p, f)
		}
		p.follow = nil
	}
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	for left, idle := cap(settled), 0; left > 0 && idle < 2; {
		select {
		case p := <-settled:
			left, idle = left-1, 0
			follow(p)
			timer.Reset(quiet)
		case <-timer.C:
			for _, p := range wave {
				follow(p)
			}
			idle++
			timer.Reset(quiet)
		case <-ctx.Done():
			return
		}
	}
}

func count(wave []*pair) int {
	n := 0
	for _, p := range wave {
		n += 1 + len(p.follow)
	}
	return n
}
