// Package dns is the name service of a lab: a server that knows names of its
// own, forwards the rest and keeps the answers, and the resolver of a node. It
// opens no socket itself: listeners and dialers are handed in, opened inside a
// namespace.
package dns

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// ttl of records that lab names make, in seconds: long enough to be seen to
// count down, short enough not to outlive a lesson.
const ownTTL = 60

// Zone is what a server knows by itself.
type Zone struct {
	// origins are the domains that it answers for: what is not in them does
	// not exist. "." is everything.
	origins []string
	records map[string][]dns.RR
}

// NewZone reads records in the form of a master file, one each (RFC 1035,
// section 5): "www.lab. 60 IN A 10.0.0.2". origins are the domains it is
// authoritative for.
func NewZone(origins, records []string) (*Zone, error) {
	z := &Zone{records: map[string][]dns.RR{}}
	for _, o := range origins {
		z.origins = append(z.origins, dns.CanonicalName(o))
	}
	for _, text := range records {
		rr, err := dns.NewRR(text)
		if err != nil || rr == nil {
			return nil, fmt.Errorf("record %q: %w", text, err)
		}
		name := dns.CanonicalName(rr.Header().Name)
		z.records[name] = append(z.records[name], rr)
	}
	return z, nil
}

// origin is the longest of the zone's domains that a name is in, or "".
func (z *Zone) origin(name string) string {
	longest := ""
	for _, o := range z.origins {
		if dns.IsSubDomain(o, name) && len(o) > len(longest) {
			longest = o
		}
	}
	return longest
}

// exists reports whether a name has records of any type, or names below it
// have: a name in between is empty, not missing (RFC 8020).
func (z *Zone) exists(name string) bool {
	if len(z.records[name]) > 0 {
		return true
	}
	for other := range z.records {
		if strings.HasSuffix(other, "."+name) {
			return true
		}
	}
	return false
}

// lookup are the records of a name that answer a question about a type: those
// of the type, or the alias that leads to them.
func (z *Zone) lookup(name string, qtype uint16) []dns.RR {
	var found []dns.RR
	for _, rr := range z.records[name] {
		t := rr.Header().Rrtype
		if t == qtype || qtype == dns.TypeANY || t == dns.TypeCNAME {
			found = append(found, rr)
		}
	}
	return found
}

// soa is the record that says how long "there is none" may be remembered
// (RFC 2308, section 3).
func soa(origin string) dns.RR {
	below := strings.TrimPrefix(origin, ".")
	return &dns.SOA{Hdr: header(origin, dns.TypeSOA), Ns: "ns." + below, Mbox: "hostmaster." + below,
		Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: ownTTL}
}

func header(name string, rrtype uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: rrtype, Class: dns.ClassINET, Ttl: ownTTL}
}

// addressRecords are A or AAAA records of a name, those of the type that is asked for.
func addressRecords(name string, qtype uint16, addrs []netip.Addr) []dns.RR {
	var rrs []dns.RR
	for _, a := range addrs {
		switch {
		case a.Is4() && (qtype == dns.TypeA || qtype == dns.TypeANY):
			rrs = append(rrs, &dns.A{Hdr: header(name, dns.TypeA), A: a.AsSlice()})
		case a.Is6() && (qtype == dns.TypeAAAA || qtype == dns.TypeANY):
			rrs = append(rrs, &dns.AAAA{Hdr: header(name, dns.TypeAAAA), AAAA: a.AsSlice()})
		}
	}
	return rrs
}

// pointer is the address that a name of the reverse tree means (RFC 1035,
// section 3.5; RFC 3596, section 2.5).
func pointer(name string) (netip.Addr, bool) {
	if labels, ok := strings.CutSuffix(name, ".in-addr.arpa."); ok {
		parts := reversed(strings.Split(labels, "."))
		a, err := netip.ParseAddr(strings.Join(parts, "."))
		return a, err == nil && a.Is4()
	}
	labels, ok := strings.CutSuffix(name, ".ip6.arpa.")
	parts := reversed(strings.Split(labels, "."))
	if !ok || len(parts) != 32 {
		return netip.Addr{}, false
	}
	var groups []string
	for i := 0; i < 32; i += 4 {
		groups = append(groups, strings.Join(parts[i:i+4], ""))
	}
	a, err := netip.ParseAddr(strings.Join(groups, ":"))
	return a, err == nil
}

func reversed(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[len(list)-1-i] = s
	}
	return out
}
