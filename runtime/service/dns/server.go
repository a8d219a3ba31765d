package dns

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"nsl/runtime/plan"
)

// Config says what a server answers and how it asks others.
type Config struct {
	// Zone is what it knows itself; nil for nothing.
	Zone *Zone
	// Hosts are the lines of the node's /etc/hosts, asked for afresh for each
	// question. They come before everything else; nil for none.
	Hosts func() []plan.HostLine
	// Domain is the domain under which the names of Hosts are known as well:
	// with "lab", blue is also blue.lab. "" for none.
	Domain string
	// Forward are the servers that are asked for the rest, in this order; with
	// none, questions about the rest are refused.
	Forward []netip.AddrPort
	// Dial opens a connection ("udp" or "tcp") to one of them from the server's
	// namespace.
	Dial Dialer
	// Now is the clock of the cache; nil for time.Now.
	Now func() time.Time
}

// Dialer opens a connection inside a namespace: a *net.UDPConn for "udp".
type Dialer func(ctx context.Context, network string, to netip.AddrPort) (net.Conn, error)

// Server answers questions over UDP and TCP. It may be asked by several
// goroutines.
type Server struct {
	Config
	cache   *cache
	mu      sync.Mutex
	servers []*dns.Server
	// flights are the questions to others that are on their way.
	flights map[dns.Question]*flight
	// life ends the questions to others when the server is closed.
	life context.Context
	end  context.CancelFunc
	done sync.WaitGroup
	// errs are why one of the servers ended by itself.
	errs []error
}

// NewServer makes a server that does not listen yet. The caller closes it.
func NewServer(c Config) *Server {
	if c.Zone == nil {
		c.Zone = &Zone{}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Domain != "" {
		c.Domain = dns.CanonicalName(c.Domain)
	}
	life, end := context.WithCancel(context.Background())
	return &Server{Config: c, cache: newCache(c.Now), flights: map[dns.Question]*flight{}, life: life, end: end}
}

// Serve answers on a UDP socket and a TCP listener of one address, until Close,
// which closes them. Either may be nil.
func (s *Server) Serve(udp net.PacketConn, tcp net.Listener) {
	if udp != nil {
		s.start(&dns.Server{PacketConn: udp, Handler: s, UDPSize: dns.DefaultMsgSize})
	}
	if tcp != nil {
		s.start(&dns.Server{Listener: tcp, Handler: s})
	}
}

func (s *Server) start(server *dns.Server) {
	started := make(chan struct{})
	server.NotifyStartedFunc = sync.OnceFunc(func() { close(started) })
	s.mu.Lock()
	s.servers = append(s.servers, server)
	s.mu.Unlock()
	s.done.Go(func() {
		err := server.ActivateAndServe()
		s.mu.Lock()
		s.errs = append(s.errs, err)
		s.mu.Unlock()
		server.NotifyStartedFunc()
	})
	<-started
}

// Wait waits until it answers no more, and reports why: nil after Close.
func (s *Server) Wait() error {
	s.done.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.errs...)
}

// Close stops answering and waits for the answers under way.
func (s *Server) Close() error {
	s.end()
	s.mu.Lock()
	servers := s.servers
	s.servers = nil
	s.mu.Unlock()
	var errs []error
	for _, server := range servers {
		errs = append(errs, server.Shutdown())
	}
	s.done.Wait()
	return errors.Join(errs...)
}

// ServeDNS answers one question; package miekg/dns calls it.
func (s *Server) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	r := s.answer(s.life, q)
	size := dns.MaxMsgSize
	if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
		size = dns.MinMsgSize
		if o := q.IsEdns0(); o != nil {
			size = max(size, int(o.UDPSize()))
		}
	}
	r.Truncate(size)
	_ = w.WriteMsg(r) // the client is gone: there is no one left to answer
}

// longestAlias bounds a chain of CNAME records.
const longestAlias = 8

// answer follows aliases from the name that is asked for to its records.
func (s *Server) answer(ctx context.Context, q *dns.Msg) *dns.Msg {
	r := new(dns.Msg)
	r.SetReply(q)
	// A header may announce a question that does not follow.
	if len(q.Question) != 1 {
		r.Rcode = dns.RcodeFormatError
		return r
	}
	r.RecursionAvailable = len(s.Forward) > 0 || s.Zone.origin(".") != ""
	if o := q.IsEdns0(); o != nil {
		r.SetEdns0(dns.DefaultMsgSize, o.Do())
	}
	question := q.Question[0]
	if question.Qclass != dns.ClassINET && question.Qclass != dns.ClassANY {
		r.Rcode = dns.RcodeRefused
		return r
	}
	for range longestAlias {
		next := s.step(ctx, r, question)
		if next == "" {
			return r
		}
		question.Name = next
	}
	r.Rcode = dns.RcodeServerFailure
	return r
}

// step adds the records of one name to the answer, and tells the name to go on
// with when that is an alias.
func (s *Server) step(ctx context.Context, r *dns.Msg, q dns.Question) (next string) {
	name := dns.CanonicalName(q.Name)
	own, exists, origin := s.own(name, q)
	switch {
	case len(own) > 0:
		r.Authoritative = true
		r.Answer = append(r.Answer, own...)
		return alias(own, q.Qtype)
	case exists || origin != "":
		r.Authoritative = true
		if !exists {
			r.Rcode = dns.RcodeNameError
		}
		if origin == "" {
			origin = name
		}
		r.Ns = append(r.Ns, soa(origin))
	case len(s.Forward) > 0:
		s.forwarded(ctx, r, q)
	default:
		r.Rcode = dns.RcodeRefused
	}
	return ""
}

// own are the records that the server has itself; exists reports that the name
// has some, of whatever type, and origin the domain of its own that it is in.
func (s *Server) own(name string, q dns.Question) (rrs []dns.RR, exists bool, origin string) {
	rrs, exists = s.backwards(name, q)
	addrs, inDomain := s.hosts(name)
	rrs = append(rrs, addressRecords(q.Name, q.Qtype, addrs)...)
	exists = exists || len(addrs) > 0 || s.Zone.exists(name)
	if len(addrs) == 0 {
		rrs = append(rrs, s.Zone.lookup(name, q.Qtype)...)
	}
	origin = s.Zone.origin(name)
	if origin == "" && inDomain {
		origin = s.Domain
	}
	return rrs, exists, origin
}

// backwards are the names of the address that a name of the reverse tree means.
func (s *Server) backwards(name string, q dns.Question) (rrs []dns.RR, exists bool) {
	a, ok := pointer(name)
	if !ok || s.Hosts == nil {
		return nil, false
	}
	for _, line := range s.Hosts() {
		if line.Addr != a {
			continue
		}
		exists = true
		for _, host := range line.Names {
			if q.Qtype == dns.TypePTR || q.Qtype == dns.TypeANY {
				rrs = append(rrs, &dns.PTR{Hdr: header(q.Name, dns.TypePTR), Ptr: s.qualified(host)})
			}
		}
	}
	return rrs, exists
}

// hosts are the addresses of a name in Hosts, as it is there or below Domain.
func (s *Server) hosts(name string) (addrs []netip.Addr, inDomain bool) {
	short, inDomain := "", false
	if s.Domain != "" {
		short, inDomain = strings.CutSuffix(name, "."+s.Domain)
		inDomain = inDomain || name == s.Domain
	}
	if s.Hosts == nil {
		return nil, inDomain
	}
	lines := s.Hosts()
	addrs = plan.LookUp(lines, name)
	if len(addrs) == 0 && short != "" {
		addrs = plan.LookUp(lines, short)
	}
	return addrs, inDomain
}

// qualified is a name of Hosts as a name of the DNS: one of a single label gets Domain.
func (s *Server) qualified(host string) string {
	if s.Domain != "" && !strings.Contains(host, ".") {
		return host + "." + s.Domain
	}
	return dns.Fqdn(host)
}

// alias is the name that the last of the records leads to, or "".
func alias(rrs []dns.RR, qtype uint16) string {
	c, ok := rrs[len(rrs)-1].(*dns.CNAME)
	if !ok || qtype == dns.TypeCNAME || qtype == dns.TypeANY {
		return ""
	}
	return c.Target
}
