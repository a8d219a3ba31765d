package plan

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
)

// ErrPortTaken means that another service or program holds the port.
var ErrPortTaken = errors.New("the port is taken")

// Service describes a thing that runs in a node until it is stopped: a server,
// or a program. The union is sealed: every service is in this package and in
// [Services]. All of it is pure data; package service and the kernel world bring
// it to life.
//
//sumtype:decl
type Service interface {
	// Kind is what it is, in a word: "http", "tcp", "sleep".
	Kind() string
	// String describes it: "HTTP server on port 80".
	String() string
	// Listens are the sockets that it holds from its start on. It is unknown for a
	// program's before it runs.
	Listens() []Listen
	// begin and end are the shell commands that start and stop the same.
	begin(o Start) []Command
	end(o Stop) []Command
	service()
}

// Services has one service of each type, empty.
func Services() []Service {
	return []Service{HTTP{}, Echo{}, Program{}, DNS{}, DHCP{}, DHCPRelay{}, RA{}, Capture{}}
}

// Listen is a port that a service waits on.
type Listen struct {
	// Proto is "tcp" or "udp".
	Proto string
	// Addr is the zero Addr for every address of the node.
	Addr netip.Addr
	Port int
}

// String is the port as scripts and tables have it: "tcp 80", "udp 10.0.0.1:53".
func (l Listen) String() string {
	if !l.Addr.IsValid() {
		return l.Proto + " " + strconv.Itoa(l.Port)
	}
	return l.Proto + " " + netip.AddrPortFrom(l.Addr, uint16(l.Port)).String()
}

// Conflicts reports whether two sockets cannot be held at once (bind(2),
// EADDRINUSE): the same protocol and port, on one address or on all.
func (l Listen) Conflicts(m Listen) bool {
	return l.Proto == m.Proto && l.Port == m.Port && (all(l.Addr) || all(m.Addr) || l.Addr == m.Addr)
}

func all(a netip.Addr) bool { return !a.IsValid() || a.IsUnspecified() }

// Running is a service of a node.
type Running struct {
	Node string
	// ID names it within the node; no two have the same.
	ID      string
	Service Service
	// PID is the process of a program as the lab's host sees it, 0 for a server
	// of nsl's own.
	PID int
	// Ended says how it ended of its own accord; "" while it runs.
	Ended string
	// Broken: it ended by a fault of the machine, and what it was to write is not whole.
	Broken bool
	// Printed is the end of what a program that has ended wrote.
	Printed string
}

// Start starts a service in a node. A port that is taken fails with EADDRINUSE,
// an ID that is taken with EEXIST.
type Start struct {
	Node, ID string
	Service  Service
}

// Stop ends a service that runs in a node. It fails with ESRCH when there is
// none of that ID; one that has ended by itself is still there.
type Stop struct {
	Node, ID string
	// Service is what ID is: the inverse starts it again.
	Service Service
}

func (Start) op() {}
func (Stop) op()  {}

func objectOf(s Service, node string) string {
	if s == nil {
		return "service in " + node
	}
	return s.String() + " in " + node
}

// Effect is the service; a program may change its node while it runs, and hosts make
// addresses of what a router advertises.
func (o Start) Effect() Effect {
	e := given(objectOf(o.Service, o.Node))
	_, program := o.Service.(Program)
	if _, advertises := o.Service.(RA); program || advertises {
		e.Background = o.Node
	}
	return e
}

// Effect is the loss of the service.
func (o Stop) Effect() Effect { return lost(objectOf(o.Service, o.Node)) }

// Inverse stops the service.
func (o Start) Inverse() []Op {
	return []Op{Stop{o.Node, o.ID, undoing(o.Service)}}
}

// Inverse starts the service again, from its beginning.
func (o Stop) Inverse() []Op {
	return []Op{Start{o.Node, o.ID, undoing(o.Service)}}
}

// undoing marks advertisements that begin or end again because a statement is undone.
func undoing(s Service) Service {
	if r, ok := s.(RA); ok {
		r.Undo = true
		return r
	}
	return s
}

// Commands start the same in the background, or are a comment where no usual
// program does the same.
func (o Start) Commands() []Command {
	if o.Service == nil {
		return nil
	}
	return o.Service.begin(o)
}

// Commands stop what those of Start started.
func (o Stop) Commands() []Command {
	if o.Service == nil {
		return nil
	}
	return o.Service.end(o)
}

// PortTaken is the error of a Start whose port is taken.
type PortTaken struct {
	Listen Listen
	// By is who holds it: "the HTTP server http:80", "nginx (pid 7)"; "" when
	// it is unknown.
	By string
}

// Error names the port and its holder.
func (e *PortTaken) Error() string {
	if e.By == "" {
		return e.Listen.String() + " is taken"
	}
	return e.Listen.String() + " is taken by " + e.By
}

// Unwrap is ErrPortTaken.
func (e *PortTaken) Unwrap() error { return ErrPortTaken }

// Clash is what keeps a service from starting beside those that run: the one
// that holds one of its ports.
func Clash(running []Running, s Service) *PortTaken {
	if link, ok := dhcpLink(s); ok { // others of its kind on other interfaces are no hindrance
		running = slices.DeleteFunc(slices.Clone(running), func(r Running) bool {
			other, _ := dhcpLink(r.Service)
			return r.Service.Kind() == s.Kind() && other != link
		})
	}
	return Clashes(running, sockets(s)...)
}

// Clashes is what keeps sockets from being opened beside those of services that run.
func Clashes(running []Running, wanted ...Listen) *PortTaken {
	for _, r := range running {
		for _, held := range sockets(r.Service) {
			for _, l := range wanted {
				if r.Ended == "" && held.Conflicts(l) {
					return &PortTaken{Listen: l, By: fmt.Sprintf("the %s (%s)", r.Service, r.ID)}
				}
			}
		}
	}
	return nil
}

// sockets are those that a service listens on, and those of a DHCP server or relay, which it
// has on one interface only.
func sockets(s Service) []Listen {
	if _, ok := dhcpLink(s); ok {
		return []Listen{{Proto: "udp", Addr: netip.IPv4Unspecified(), Port: DHCPPort}}
	}
	return s.Listens()
}

// FreeID is an ID that no service of the list has: the wanted one, or that with
// -2, -3, ….
func FreeID(running []Running, want string) string {
	taken := make(map[string]bool, len(running))
	for _, r := range running {
		taken[r.ID] = true
	}
	id := want
	for n := 2; taken[id]; n++ {
		id = want + "-" + strconv.Itoa(n)
	}
	return id
}
