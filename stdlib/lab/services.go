package lab

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// LocalText is the address of a socket, * for every one.
func LocalText(a netip.AddrPort) string {
	if a.Addr().IsUnspecified() {
		return fmt.Sprintf("*:%d", a.Port())
	}
	return a.String()
}

// HTTPPort is the port of web servers (RFC 9110, section 4.2.1).
const HTTPPort = 80

// StartService plans a service, unless one of its ports is taken. Its ID is its
// kind, and its port where it has one: http:80.
func StartService(p *verb.Plan, at syntax.Text, node string, s plan.Service) {
	running, err := ServicesNow(p, node)
	p.Err(at.Span, err)
	for _, l := range s.Listens() {
		p.Fail(hasNoAddr(p, at, node, l.Addr))
	}
	if clash := plan.Clash(running, s); clash != nil {
		p.Fail(portTaken(at, clash.Listen.Proto, clash.Listen.Port, node, clash.By).
			WithHelp("choose another port, or end the other one first: kill %s :%d", node, clash.Listen.Port))
		return
	}
	if taken := foreignSocket(p, at, node, s); taken != nil {
		p.Fail(portTaken(at, taken.Proto, int(taken.Local.Port()), node, Holder(*taken)).
			WithHelp("choose another port, or end that program first"))
		return
	}
	id := s.Kind()
	if ports := s.Listens(); len(ports) > 0 && !isProgramService(s) {
		id += ":" + strconv.Itoa(ports[0].Port)
	}
	p.Do(at.Span, plan.Start{Node: node, ID: plan.FreeID(running, id), Service: s})
}

// ServicesNow are the services of a node, those that the statement has planned
// included.
func ServicesNow(p *verb.Plan, node string) ([]plan.Running, error) {
	running, err := p.Services(node)
	steps, _ := p.Result()
	for _, step := range steps {
		if o, ok := step.Op.(plan.Start); ok && o.Node == node {
			running = append(slices.Clone(running), plan.Running{Node: node, ID: o.ID, Service: o.Service})
		}
	}
	return running, err
}

func portTaken(at syntax.Text, proto string, port int, node, holder string) *diag.Diagnostic {
	return diag.Errorf(diag.PortTaken, at.Span, "%s port %d of %s is taken by %s", proto, port, node, holder)
}

// hasNoAddr reports an address that the node does not have.
func hasNoAddr(p *verb.Plan, at syntax.Text, node string, addr netip.Addr) *diag.Diagnostic {
	if !addr.IsValid() || addr.IsUnspecified() || addr.IsLoopback() || p.Uncertain() {
		return nil
	}
	links := verb.Ask(p, at.Span, p.Links, node)
	for _, l := range links {
		if slices.ContainsFunc(l.Addrs, func(a netip.Prefix) bool { return a.Addr() == addr }) {
			return nil
		}
	}
	return diag.LacksAddress(diag.NoAddress, at.Span, node, addr.String()).
		WithHelp("give it to one of its interfaces first: addr %s %s/24", node, addr)
}

func isProgramService(s plan.Service) bool {
	_, ok := s.(plan.Program)
	return ok
}

// foreignSocket is a socket of a program that the service could not be beside.
func foreignSocket(p *verb.Plan, at syntax.Text, node string, s plan.Service) *plan.Socket {
	wanted := s.Listens()
	if len(wanted) == 0 {
		return nil
	}
	sockets := verb.Ask(p, at.Span, p.Sockets, node)
	for _, held := range sockets {
		l := plan.Listen{Proto: held.Proto, Addr: held.Local.Addr(), Port: int(held.Local.Port())}
		if !strings.HasPrefix(held.Program, OwnProgram) && slices.ContainsFunc(wanted, l.Conflicts) && !planned(p, node, l) {
			return &held
		}
	}
	return nil
}

// OwnProgram begins the names of what this process holds itself.
const OwnProgram = "nsl "

// planned reports whether the statement ends what holds a port.
func planned(p *verb.Plan, node string, l plan.Listen) bool {
	steps, _ := p.Result()
	return slices.ContainsFunc(steps, func(s plan.Step) bool {
		o, ok := s.Op.(plan.Stop)
		return ok && o.Node == node && slices.ContainsFunc(o.Service.Listens(), l.Conflicts)
	})
}

// Holder names who has a socket.
func Holder(s plan.Socket) string {
	if s.PID == 0 {
		return cmp.Or(s.Program, "a program")
	}
	return fmt.Sprintf("%s (pid %d)", s.Program, s.PID)
}
