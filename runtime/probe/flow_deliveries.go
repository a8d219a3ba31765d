package probe

import (
	"time"

	"golang.org/x/sys/unix"
)

// delivery is a moment at which a sender learnt that more had arrived.
type delivery struct {
	at time.Time
	// bytes have arrived so far. Those after a hole count, which the receiver's program
	// gets only when the hole is filled.
	bytes uint64
	// patience is how long a gap after it must be to be a pause: halfway between the
	// round-trip time, which a connection with a small window waits for in every round,
	// and the retransmission timeout (RFC 6298), which is longer by 200 ms or more.
	patience time.Duration
}

// deliveries are those of one connection, in order.
type deliveries []delivery

// vague is how long a look at a socket may take before its time is not worth noting:
// the machine was busy with something else meanwhile.
const vague = time.Millisecond

// sample notes what has arrived by now over the connection of a socket.
func (d *deliveries) sample(fd int) {
	now := time.Now()
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil || time.Since(now) > vague {
		return
	}
	bytes := info.Bytes_acked + uint64(info.Sacked)*uint64(info.Snd_mss)
	if n := len(*d); n > 0 && bytes <= (*d)[n-1].bytes {
		return
	}
	*d = append(*d, delivery{at: now, bytes: bytes,
		patience: time.Duration(info.Rtt+info.Rto) / 2 * time.Microsecond})
}

// watch notes what arrives until stop is closed.
func (d *deliveries) watch(fd int, every time.Duration, stop <-chan struct{}) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			d.sample(fd)
		}
	}
}

// rate is the rate while data flows, in bits per second. A pause in which the sender
// waits for its retransmission timer parts two stretches, and of each the first third is
// left out: the connection finds its speed in it, queues fill, and a token bucket that
// filled during the pause empties at once. Stretches of less than half the longest one
// are left out wholly. Where less than a tenth of all the time would count, all counts.
func (d deliveries) rate(all time.Duration) float64 {
	stretches := d.stretches()
	var longest time.Duration
	for _, s := range stretches {
		longest = max(longest, s.lasts())
	}
	var bytes uint64
	var took time.Duration
	for _, s := range stretches {
		if s.lasts() < longest/2 {
			continue
		}
		s = s.steady()
		bytes += s[len(s)-1].bytes - s[0].bytes
		took += s.lasts()
	}
	if took < all/10 {
		bytes, took = d.total(), all
	}
	return 8 * float64(bytes) / max(took, time.Millisecond).Seconds()
}

// stretches are the arrivals between the pauses; none is empty.
func (d deliveries) stretches() []deliveries {
	var list []deliveries
	begin := 0
	for i := range d {
		if i+1 == len(d) || d[i+1].at.Sub(d[i].at) > d[i].patience {
			list, begin = append(list, d[begin:i+1]), i+1
		}
	}
	return list
}

// lasts is the time from the first arrival to the last.
func (d deliveries) lasts() time.Duration { return d[len(d)-1].at.Sub(d[0].at) }

// steady are the arrivals after the first third of the time.
func (d deliveries) steady() deliveries {
	skip := d.lasts() / 3
	for i := range d {
		if d[i].at.Sub(d[0].at) >= skip {
			return d[i:]
		}
	}
	return d
}

func (d deliveries) total() uint64 {
	if len(d) == 0 {
		return 0
	}
	return d[len(d)-1].bytes
}
