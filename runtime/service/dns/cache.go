package dns

import (
	"sync"
	"time"

	"github.com/miekg/dns"
)

const (
	// cacheSize is the number of answers that are kept; a lab asks for few names.
	cacheSize = 4096
	// longestTTL bounds what an answer may ask for (RFC 8767, section 4).
	longestTTL = 24 * time.Hour
)

// cache keeps answers of other servers as long as their records may live
// (RFC 1035, section 3.2.1; RFC 2308 for "there is none").
type cache struct {
	now     func() time.Time
	mu      sync.Mutex
	entries map[cacheKey]entry
}

type cacheKey struct {
	name  string
	qtype uint16
}

type entry struct {
	answer         *dns.Msg
	stored, expiry time.Time
}

func newCache(now func() time.Time) *cache {
	return &cache{now: now, entries: map[cacheKey]entry{}}
}

func keyOf(q dns.Question) cacheKey { return cacheKey{dns.CanonicalName(q.Name), q.Qtype} }

// get is a copy of the answer that is kept, its times to live counted down, or nil.
func (c *cache) get(q dns.Question) *dns.Msg {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[keyOf(q)]
	now := c.now()
	if !ok || !now.Before(e.expiry) {
		delete(c.entries, keyOf(q))
		return nil
	}
	answer := e.answer.Copy()
	age := uint32(now.Sub(e.stored) / time.Second)
	for _, rr := range append(append([]dns.RR{}, answer.Answer...), answer.Ns...) {
		h := rr.Header()
		h.Ttl -= min(age, h.Ttl)
	}
	return answer
}

// put keeps an answer, if it says for how long.
func (c *cache) put(q dns.Question, answer *dns.Msg) {
	live := lifetime(answer)
	if live <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if len(c.entries) >= cacheSize {
		c.evict(now)
	}
	c.entries[keyOf(q)] = entry{answer.Copy(), now, now.Add(live)}
}

// evict drops what has expired, and any one answer when nothing has.
func (c *cache) evict(now time.Time) {
	for k, e := range c.entries {
		if !now.Before(e.expiry) {
			delete(c.entries, k)
		}
	}
	for k := range c.entries {
		if len(c.entries) < cacheSize {
			return
		}
		delete(c.entries, k)
	}
}

// lifetime is how long an answer may be kept: as long as the shortest-lived of
// its records; for one without records as long as its SOA record says.
func lifetime(m *dns.Msg) time.Duration {
	rrs := m.Answer
	if m.Rcode == dns.RcodeNameError || len(rrs) == 0 {
		for _, rr := range m.Ns {
			if s, ok := rr.(*dns.SOA); ok {
				return min(time.Duration(min(s.Hdr.Ttl, s.Minttl))*time.Second, longestTTL)
			}
		}
		return 0
	}
	shortest := longestTTL
	for _, rr := range rrs {
		shortest = min(shortest, time.Duration(rr.Header().Ttl)*time.Second)
	}
	return shortest
}
