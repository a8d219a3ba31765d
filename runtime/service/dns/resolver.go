package dns

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/miekg/dns"
)

// Port is where name servers listen (RFC 1035, section 4.2).
const Port = 53

// What a lookup may end with; compare with errors.Is.
var (
	// ErrNoServer means that resolv.conf names no server.
	ErrNoServer = errors.New("no name server is set")
	// ErrNoName means that there is no such name (NXDOMAIN).
	ErrNoName = errors.New("no such name")
	// ErrNoAddress means that the name is there but has no address.
	ErrNoAddress = errors.New("the name has no address")
	// ErrSilent means that no server answered in time.
	ErrSilent = errors.New("no answer")
	// ErrNoListener means that nobody listens where the server should be.
	ErrNoListener = errors.New("nobody listens on port 53")
	// ErrRefused means that the server does not answer such questions (REFUSED).
	ErrRefused = errors.New("the server refuses")
	// ErrFailed means that the server could not find out (SERVFAIL).
	ErrFailed = errors.New("the server failed")
)

// Failure says which server a lookup ended with, and why.
type Failure struct {
	// Server was asked last; the zero Addr when none was.
	Server netip.Addr
	// Kind is one of the errors above.
	Kind error
	// Detail is what the server or the kernel said, or "".
	Detail string
	cause  error
}

// Error says who failed and how.
func (f *Failure) Error() string {
	text := f.Kind.Error()
	if f.Server.IsValid() {
		text = f.Server.String() + ": " + text
	}
	if f.Detail != "" {
		text += " (" + f.Detail + ")"
	}
	return text
}

// Unwrap gives the kind, and the error of the network.
func (f *Failure) Unwrap() []error { return []error{f.Kind, f.cause} }

// Resolver finds addresses as the programs of a node do: in hosts(5) first,
// then from the servers of resolv.conf(5).
type Resolver struct {
	Hosts   Hosts
	Servers []netip.Addr
	// Search are domains that are put behind short names.
	Search []string
	Ndots  int
	Dial   Dialer
}

// ReadResolvConf reads a resolv.conf(5) file into a resolver without Hosts and Dial.
func ReadResolvConf(r io.Reader) (*Resolver, error) {
	conf, err := dns.ClientConfigFromReader(r)
	if err != nil {
		return nil, err
	}
	res := &Resolver{Search: conf.Search, Ndots: conf.Ndots}
	for _, s := range conf.Servers {
		if a, err := netip.ParseAddr(s); err == nil {
			res.Servers = append(res.Servers, a.Unmap())
		}
	}
	return res, nil
}

// Found is what a lookup found.
type Found struct {
	Addrs []netip.Addr
	// Server answered; the zero Addr when it was in hosts.
	Server netip.Addr
	// Canonical is the name that the addresses belong to, without a dot at its
	// end: another one than was asked for when that is an alias.
	Canonical string
}

// Lookup finds the addresses of a name, IPv4 before IPv6. wait is how long one
// server may take. The error is a [*Failure], or that of ctx.
func (r *Resolver) Lookup(ctx context.Context, name string, wait time.Duration) (Found, error) {
	if r.Hosts != nil {
		if addrs := r.Hosts.Addrs(strings.TrimSuffix(name, ".")); len(addrs) > 0 {
			return Found{Addrs: slices.Clone(addrs), Canonical: name}, nil
		}
	}
	if len(r.Servers) == 0 {
		return Found{}, &Failure{Kind: ErrNoServer}
	}
	conf := dns.ClientConfig{Search: r.Search, Ndots: max(r.Ndots, 1)}
	var first error
	for _, full := range conf.NameList(name) {
		found, err := r.lookupFull(ctx, full, wait)
		if err == nil || ctx.Err() != nil {
			return found, err
		}
		if first == nil {
			first = err
		}
		if !errors.Is(err, ErrNoName) && !errors.Is(err, ErrNoAddress) {
			break
		}
	}
	return Found{}, first
}

// lookupFull asks one server after the other about a complete name.
func (r *Resolver) lookupFull(ctx context.Context, name string, wait time.Duration) (found Found, err error) {
	for _, server := range r.Servers {
		found, err = r.askBoth(ctx, server, name, wait)
		if err == nil || ctx.Err() != nil || errors.Is(err, ErrNoName) || errors.Is(err, ErrNoAddress) {
			return found, err
		}
	}
	return found, err
}

// askBoth asks a server about A and AAAA records.
func (r *Resolver) askBoth(ctx context.Context, server netip.Addr, name string, wait time.Duration) (Found, error) {
	found := Found{Server: server}
	for _, qtype := range []uint16{dns.TypeA, dns.TypeAAAA} {
		m, err := Exchange(ctx, r.Dial, netip.AddrPortFrom(server, Port), question(name, qtype), wait)
		if ctx.Err() != nil {
			return found, context.Cause(ctx)
		}
		if err == nil && m.Rcode != dns.RcodeSuccess || err != nil {
			return found, failure(server, m, err)
		}
		for _, rr := range m.Answer {
			found.add(rr)
		}
	}
	if len(found.Addrs) == 0 {
		return found, &Failure{Server: server, Kind: ErrNoAddress}
	}
	return found, nil
}

func (f *Found) add(rr dns.RR) {
	var ip []byte
	switch rr := rr.(type) {
	case *dns.A:
		ip = rr.A
	case *dns.AAAA:
		ip = rr.AAAA
	}
	if a, ok := netip.AddrFromSlice(ip); ok {
		f.Addrs = append(f.Addrs, a.Unmap())
		f.Canonical = strings.TrimSuffix(rr.Header().Name, ".")
	}
}

// failure says in one word why a server gave no addresses.
func failure(server netip.Addr, m *dns.Msg, err error) *Failure {
	f := &Failure{Server: server, Kind: ErrFailed, cause: err}
	switch {
	case err != nil:
		f.Kind, f.Detail = networkKind(err)
	case m.Rcode == dns.RcodeNameError:
		f.Kind = ErrNoName
	case m.Rcode == dns.RcodeRefused:
		f.Kind = ErrRefused
	default:
		f.Detail = dns.RcodeToString[m.Rcode]
		if o := m.IsEdns0(); o != nil {
			for _, opt := range o.Option {
				if e, ok := opt.(*dns.EDNS0_EDE); ok {
					f.Detail = e.ExtraText
				}
			}
		}
	}
	return f
}

func networkKind(err error) (kind error, detail string) {
	var errno syscall.Errno
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return ErrSilent, ""
	case errors.Is(err, syscall.ECONNREFUSED):
		return ErrNoListener, ""
	case errors.As(err, &errno):
		return ErrSilent, errno.Error()
	}
	return ErrFailed, fmt.Sprint(err)
}
