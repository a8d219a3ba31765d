package dns

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"github.com/miekg/dns"
)

// forwardWait is how long one of the other servers may take: shorter than the
// five seconds that resolvers wait for this one (resolv.conf(5)).
const forwardWait = 2 * time.Second

// forwarded adds what another server answers, or the cache remembers.
func (s *Server) forwarded(ctx context.Context, r *dns.Msg, q dns.Question) {
	answer := s.cache.get(q)
	if answer == nil {
		var err error
		if answer, err = s.askOnce(ctx, q); err != nil {
			r.Rcode = dns.RcodeServerFailure
			tellWhy(r, err)
			return
		}
		s.cache.put(q, answer)
	}
	r.Rcode = answer.Rcode
	r.Answer = append(r.Answer, answer.Answer...)
	r.Ns = append(r.Ns, answer.Ns...)
}

// flight is a question to others that is on its way, and in the end what came of it.
type flight struct {
	done   chan struct{}
	answer *dns.Msg
	err    error
}

// askOnce asks others unless the same question is on its way already, whose answer is waited
// for then: what servers that forward to each other ask ends with the first question.
func (s *Server) askOnce(ctx context.Context, q dns.Question) (*dns.Msg, error) {
	key := q
	key.Name = dns.CanonicalName(q.Name)
	s.mu.Lock()
	f, asked := s.flights[key]
	if !asked {
		f = &flight{done: make(chan struct{})}
		s.flights[key] = f
	}
	s.mu.Unlock()
	if !asked {
		f.answer, f.err = s.askOthers(ctx, q)
		s.mu.Lock()
		delete(s.flights, key)
		s.mu.Unlock()
		close(f.done)
	}
	select {
	case <-f.done:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if f.err != nil {
		return nil, f.err
	}
	return f.answer.Copy(), nil
}

// askOthers asks one server after the other until one answers.
func (s *Server) askOthers(ctx context.Context, q dns.Question) (*dns.Msg, error) {
	var errs []error
	for _, server := range s.Forward {
		m := question(q.Name, q.Qtype)
		r, err := Exchange(ctx, s.Dial, server, m, forwardWait)
		if err == nil && (r.Rcode == dns.RcodeSuccess || r.Rcode == dns.RcodeNameError) {
			return r, nil
		}
		if err == nil {
			err = fmt.Errorf("%s answers %s", server.Addr(), dns.RcodeToString[r.Rcode])
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// tellWhy puts the reason of a failure into the answer (RFC 8914), if who asked
// understands extensions.
func tellWhy(r *dns.Msg, err error) {
	o := r.IsEdns0()
	if o == nil {
		return
	}
	code := dns.ExtendedErrorCodeNetworkError
	if errors.Is(err, os.ErrDeadlineExceeded) {
		code = dns.ExtendedErrorCodeNoReachableAuthority
	}
	o.Option = append(o.Option, &dns.EDNS0_EDE{InfoCode: code, ExtraText: err.Error()})
}

// question is a query for the records of a name.
func question(name string, qtype uint16) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), qtype)
	m.SetEdns0(dns.DefaultMsgSize, false)
	return m
}

// Exchange asks one server over UDP, and over TCP when the answer was cut off.
// The error is that of the network: os.ErrDeadlineExceeded when nothing came
// back in time, a syscall.Errno when the kernel or a router refused.
func Exchange(ctx context.Context, dial Dialer, server netip.AddrPort, m *dns.Msg, wait time.Duration) (*dns.Msg, error) {
	deadline := time.Now().Add(wait)
	r, err := askTwice(ctx, dial, server, m, wait)
	if err == nil && r.Truncated {
		r, err = exchangeOver(ctx, "tcp", dial, server, m, deadline)
	}
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", server.Addr(), err)
	}
	return r, nil
}

// askTwice asks again over UDP, where a packet may be lost, when a quarter of
// the time is up.
func askTwice(ctx context.Context, dial Dialer, server netip.AddrPort, m *dns.Msg, wait time.Duration) (*dns.Msg, error) {
	deadline := time.Now().Add(wait)
	r, err := exchangeOver(ctx, "udp", dial, server, m, time.Now().Add(wait/4))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return exchangeOver(ctx, "udp", dial, server, m, deadline)
	}
	return r, err
}

func exchangeOver(ctx context.Context, network string, dial Dialer, server netip.AddrPort, m *dns.Msg, deadline time.Time) (*dns.Msg, error) {
	dialing, cancel := context.WithDeadlineCause(ctx, deadline, os.ErrDeadlineExceeded)
	defer cancel()
	conn, err := dial(dialing, network, server)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	client := dns.Client{Net: network, Timeout: time.Until(deadline)}
	r, _, err := client.ExchangeWithConnContext(dialing, m, &dns.Conn{Conn: conn})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return r, err
}
