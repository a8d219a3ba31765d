package probe

import (
	"math"
	"testing"
	"time"
)

// flowing appends what a link delivers: n packets of 1250 bytes, a step apart.
func (d deliveries) flowing(n int, step time.Duration) deliveries {
	for range n {
		d = append(d, d.next(step, 1250))
	}
	return d
}

// next is a delivery some time after the last one.
func (d deliveries) next(after time.Duration, bytes uint64) delivery {
	last := delivery{at: time.Unix(0, 0)}
	if len(d) > 0 {
		last = d[len(d)-1]
	}
	return delivery{at: last.at.Add(after), bytes: last.bytes + bytes, patience: 120 * time.Millisecond}
}

// TestRateOfDeliveries: neither bursts nor pauses of a link of 10 Mbit/s (a packet of
// 1250 bytes each millisecond) change what is measured.
func TestRateOfDeliveries(t *testing.T) {
	const packet, burst = time.Millisecond, 30000
	start := deliveries{{at: time.Unix(0, 0), bytes: burst}}
	paused := start.flowing(300, packet)
	paused = append(paused, paused.next(250*time.Millisecond, burst)).flowing(450, packet)
	short := start.flowing(800, packet)
	short = append(short, short.next(250*time.Millisecond, burst)).flowing(50, packet)
	var waits deliveries
	for range 4 {
		waits = append(waits, waits.next(250*time.Millisecond, 1250))
	}
	var rounds deliveries
	for range 100 {
		rounds = append(rounds, rounds.next(100*time.Millisecond, 12500))
	}
	for what, c := range map[string]struct {
		d    deliveries
		all  time.Duration
		want float64
	}{
		"a token bucket's burst at the start":  {start.flowing(1000, packet), time.Second, 10e6},
		"a retransmission pause, then a burst": {paused, time.Second, 10e6},
		"a short stretch after a pause":        {short, time.Second, 10e6},
		"a window of one packet":               {rounds, 10 * time.Second, 1e6},
		"a packet every 100 ms":                {deliveries{}.flowing(10, 100*time.Millisecond), time.Second, 100e3},
		"nothing but pauses":                   {waits, time.Second, 40e3},
		"the link broke":                       {start.flowing(500, packet), 10 * time.Second, 8 * (burst + 500*1250) / 10},
		"nothing arrived":                      {nil, time.Second, 0},
		"all arrived at one moment":            {start, time.Second, 8 * burst},
		"the link broke, but it ran":           {start.flowing(5000, packet), 10 * time.Second, 10e6},
	} {
		t.Run(what, func(t *testing.T) {
			if got := c.d.rate(c.all); math.Abs(got-c.want) > c.want/100 {
				t.Errorf("%.0f bit/s instead of %.0f", got, c.want)
			}
		})
	}
}
