package stdlib

import (
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

// Serve is the statement serve.
type Serve struct {
	Kind   syntax.Free       `parser:"'serve' @@"`
	List   []syntax.NodePort `parser:"( '<' @@* '>'"`
	Single *syntax.NodePort  `parser:"| @@ )"`
	Opts   []ServeOption     `parser:"@@*"`
}

// ServeOption is one option of serve.
type ServeOption struct {
	Body   *syntax.Free    `parser:"  'body' @@"`
	Status *syntax.Int     `parser:"| 'status' @@"`
	Dir    *syntax.Free    `parser:"| 'dir' @@"`
	Addr   *syntax.Address `parser:"| 'addr' @@"`
}

func serveVerb() *verb.Verb {
	return verb.Define[Serve](verb.Spec{
		Name:    "serve",
		Group:   verb.Building,
		Summary: "start a server in a node: web pages, or an echo",
		Usage: []string{
			"serve http NODE[:PORT] [body TEXT] [status N] [dir DIRECTORY] [addr ADDRESS]",
			"serve tcp|udp NODE[:PORT] [addr ADDRESS]",
		},
		Doc: `The server is a part of nsl; nothing has to be installed. Its socket is inside the
node, on every address of both families, or on the one that ` + "`addr`" + ` names. A list
starts one in each node: ` + "`serve http <red blue>`" + `, and ` + "`*:80`" + ` in all nodes.

- http: answers every request with a page that names the node and tells which
  address the request came from; with ` + "`body`" + ` this text; with ` + "`dir`" + ` the files of that
  directory. ` + "`status 503`" + ` gives every answer this status. The port is 80 if none is
  given.
- tcp, udp: sends back what it gets (RFC 862). The port is 7 if none is given.

Servers end with the lab, with their node, or with ` + "`kill`" + `.`,
		Examples: []verb.Example{
			{Note: "A web server, and one that is out of order.", Code: "ns red blue\nlink red <-> blue\nserve http blue:80\nserve http blue:8080 body \"come back later\" status 503\nshow services\n"},
			{Note: "An echo in every node.", Code: "ns red blue\nserve tcp *:7\nserve udp <red:7 blue:7>\n"},
		},
	})
}

// Default ports: RFC 9110, section 4.2.1; RFC 862.
const (
	httpPort = 80
	echoPort = 7
)

// Check finds options that make no sense.
func (s *Serve) Check() diag.List {
	var list diag.List
	kinds := []string{"http", "tcp", "udp"}
	if !s.Kind.Dynamic && !slices.Contains(kinds, s.Kind.Value) {
		d := diag.Errorf(diag.BadWord, s.Kind.Span, "there is no server of the kind %q", s.Kind.Value)
		if help := diag.DidYouMean(s.Kind.Value, kinds); help != "" {
			return diag.List{d.WithHelp("%s", help)}
		}
		return diag.List{d.WithHelp("serve http, serve tcp or serve udp; programs are started with spawn")}
	}
	for i, o := range s.Opts {
		list.Add(s.checkOption(o, s.Opts[:i]))
	}
	return list
}

func (s *Serve) checkOption(o ServeOption, before []ServeOption) *diag.Diagnostic {
	name, at := o.name()
	for _, b := range before {
		other, _ := b.name()
		if other == name || other+name == "bodydir" || other+name == "dirbody" {
			return diag.Errorf(diag.OptionClash, at.Span, "%s stands beside %s", name, other).WithHelp("say one of them, once")
		}
	}
	if name != "addr" && s.Kind.Value != "http" && !s.Kind.Dynamic {
		return diag.Errorf(diag.OptionClash, at.Span, "%s is an option of web servers; an echo has none", name).
			WithHelp("write serve http, or leave it out")
	}
	if o.Status != nil && (o.Status.Int() < 200 || o.Status.Int() > 599) {
		return diag.Errorf(diag.BadNumber, at.Span, "%s is not the status of an answer", at.Value).
			WithHelp("200 is OK, 404 not found, 503 unavailable: anything from 200 to 599")
	}
	return nil
}

func (o ServeOption) name() (string, syntax.Text) {
	switch {
	case o.Body != nil:
		return "body", o.Body.Text
	case o.Status != nil:
		return "status", o.Status.Text
	case o.Dir != nil:
		return "dir", o.Dir.Text
	}
	return "addr", o.Addr.Text
}

// Plan starts a server in each node.
func (s *Serve) Plan(p *verb.Plan) {
	places := s.List
	if s.Single != nil {
		places = []syntax.NodePort{*s.Single}
	}
	for _, place := range places {
		name, port := place.Split()
		if name == "*" {
			nodes, err := p.Nodes()
			p.Err(place.Span, err)
			for _, n := range nodes {
				startService(p, place.Text, n, s.service(port))
			}
			continue
		}
		if node, ok := p.Node(place.Node()); ok {
			startService(p, place.Text, node, s.service(port))
		}
	}
}

// service is the server, on the port that is usual when port is 0.
func (s *Serve) service(port int) plan.Service {
	if s.Kind.Value != "http" {
		e := plan.Echo{Proto: s.Kind.Value, Port: port}
		if port == 0 {
			e.Port = echoPort
		}
		for _, o := range s.Opts {
			e.Addr = o.Addr.Addr()
		}
		return e
	}
	h := plan.HTTP{Port: port}
	if port == 0 {
		h.Port = httpPort
	}
	for _, o := range s.Opts {
		switch {
		case o.Body != nil:
			h.Body = o.Body.Value
		case o.Status != nil:
			h.Status = o.Status.Int()
		case o.Dir != nil:
			h.Dir = o.Dir.Value
		default:
			h.Addr = o.Addr.Addr()
		}
	}
	return h
}

// startService plans a service, unless one of its ports is taken. Its ID is its
// kind, and its port where it has one: http:80.
func startService(p *verb.Plan, at syntax.Text, node string, s plan.Service) {
	running, err := servicesNow(p, node)
	p.Err(at.Span, err)
	for _, l := range s.Listens() {
		p.Fail(hasNoAddr(p, at, node, l.Addr))
	}
	if clash := plan.Clash(running, s); clash != nil {
		p.Fail(portTaken(at, node, clash))
		return
	}
	if taken := foreignSocket(p, at, node, s); taken != nil {
		p.Fail(diag.Errorf(diag.PortTaken, at.Span, "%s port %d of %s is taken by %s", taken.Proto, taken.Local.Port(), node, holder(*taken)).
			WithHelp("choose another port, or end that program first"))
		return
	}
	id := s.Kind()
	if ports := s.Listens(); len(ports) > 0 && !isProgramService(s) {
		id += ":" + strconv.Itoa(ports[0].Port)
	}
	p.Do(at.Span, plan.Start{Node: node, ID: plan.FreeID(running, id), Service: s})
}

// servicesNow are the services of a node, those that the statement has planned
// included.
func servicesNow(p *verb.Plan, node string) ([]plan.Running, error) {
	running, err := p.Services(node)
	steps, _ := p.Result()
	for _, step := range steps {
		if o, ok := step.Op.(plan.Start); ok && o.Node == node {
			running = append(slices.Clone(running), plan.Running{Node: node, ID: o.ID, Service: o.Service})
		}
	}
	return running, err
}

func portTaken(at syntax.Text, node string, clash *plan.PortTaken) *diag.Diagnostic {
	return diag.Errorf(diag.PortTaken, at.Span, "%s port %d of %s is taken by %s", clash.Listen.Proto, clash.Listen.Port, node, clash.By).
		WithHelp("choose another port, or end the other one first: kill %s :%d", node, clash.Listen.Port)
}

// hasNoAddr reports an address that the node does not have.
func hasNoAddr(p *verb.Plan, at syntax.Text, node string, addr netip.Addr) *diag.Diagnostic {
	if !addr.IsValid() || addr.IsUnspecified() || addr.IsLoopback() || p.Uncertain() {
		return nil
	}
	links, err := p.Links(node)
	p.Err(at.Span, err)
	for _, l := range links {
		if slices.ContainsFunc(l.Addrs, func(a netip.Prefix) bool { return a.Addr() == addr }) {
			return nil
		}
	}
	return diag.Errorf(diag.NoAddress, at.Span, "%s does not have the address %s", node, addr).
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
	sockets, err := p.Sockets(node)
	p.Err(at.Span, err)
	for _, held := range sockets {
		l := plan.Listen{Proto: held.Proto, Addr: held.Local.Addr(), Port: int(held.Local.Port())}
		if !strings.HasPrefix(held.Program, ownProgram) && slices.ContainsFunc(wanted, l.Conflicts) && !planned(p, node, l) {
			return &held
		}
	}
	return nil
}

// ownProgram begins the names of what this process holds itself.
const ownProgram = "nsl "

// planned reports whether the statement ends what holds a port.
func planned(p *verb.Plan, node string, l plan.Listen) bool {
	steps, _ := p.Result()
	return slices.ContainsFunc(steps, func(s plan.Step) bool {
		o, ok := s.Op.(plan.Stop)
		return ok && o.Node == node && slices.ContainsFunc(o.Service.Listens(), l.Conflicts)
	})
}

// holder names who has a socket.
func holder(s plan.Socket) string {
	if s.PID == 0 {
		return cmpOr(s.Program, "a program")
	}
	return fmt.Sprintf("%s (pid %d)", s.Program, s.PID)
}
