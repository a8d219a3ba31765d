package services

import (
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// serve is the statement serve.
type serve struct {
	Kind   syntax.Free       `parser:"'serve' @@"`
	List   []syntax.NodePort `parser:"( '<' @@* '>'"`
	Single *syntax.NodePort  `parser:"| @@ )"`
	Opts   []serveOption     `parser:"@@*"`
}

// serveOption is one option of serve.
type serveOption struct {
	Body   *syntax.Free    `parser:"  'body' @@"`
	Status *syntax.Int     `parser:"| 'status' @@"`
	Dir    *syntax.Free    `parser:"| 'dir' @@"`
	Addr   *syntax.Address `parser:"| 'addr' @@"`
}

// Serve is the verb serve.
func Serve() *verb.Verb {
	return verb.Define[serve](verb.Spec{
		Name:     "serve",
		Also:     []string{"server", "webserver", "httpd", "listen", "web", "website"},
		Spelling: serveSpelling,
		Summary:  "start a server in a node: web pages, or an echo",
		Usage: []string{
			"serve http NODE[:PORT] [body TEXT] [status N] [dir DIRECTORY] [addr ADDRESS]",
			"serve tcp|udp NODE[:PORT] [addr ADDRESS]",
		},
		Doc: `The server is part of nsl; nothing has to be installed. Its socket is inside the
node, on every address of both families, or on the one that ` + "`addr`" + ` names. A list
starts one in each node: ` + "`serve http <red blue>`" + `, and ` + "`*:80`" + ` in all nodes.

- http: answers every request with a page that names the node and the
  address that the request came from; with ` + "`body`" + ` this text; with ` + "`dir`" + ` the files of that
  directory, for which the script asks at its top: ` + "`grant read \"pages\"`" + `. ` + "`status 503`" + ` gives every answer this status. The port is 80 if none is
  given.
- tcp, udp: sends back what it gets (RFC 862). The port is 7 if none is given.

Servers end with the lab, with their node, or with ` + "`kill`" + `.`,
		Examples: []verb.Example{
			{Note: "A web server, and one that answers with an error.", Code: "ns red blue\nlink red <-> blue\nserve http blue:80\nserve http blue:8080 body \"come back later\" status 503\nshow services\n"},
			{Note: "An echo in every node.", Code: "ns red blue\nserve tcp *:7\nserve udp <red:7 blue:7>\n"},
		},
	})
}

// echoPort is the port of an echo (RFC 862).
const echoPort = 7

// Check finds options that make no sense.
func (s *serve) Check() diag.List {
	var list diag.List
	kinds := []string{"http", "tcp", "udp"}
	if !s.Kind.Dynamic && !slices.Contains(kinds, s.Kind.Value) {
		d := diag.Errorf(diag.BadWord, s.Kind.Span, "there is no server of the kind %q", s.Kind.Value)
		return diag.List{d.WithNearest(s.Kind.Value, kinds, "serve http, serve tcp or serve udp; programs are started with spawn")}
	}
	for i, o := range s.Opts {
		list.Add(s.checkOption(o, s.Opts[:i]))
	}
	return list
}

func (s *serve) checkOption(o serveOption, before []serveOption) *diag.Diagnostic {
	name, at := o.name()
	for _, b := range before {
		other, _ := b.name()
		switch {
		case other == name:
			return diag.GivenTwice(at.Span, "serve", name)
		case other+name == "bodydir" || other+name == "dirbody":
			return diag.Errorf(diag.OptionClash, at.Span, "%s and %s exclude each other", name, other).WithHelp("write one of them")
		}
	}
	if name != "addr" && s.Kind.Value != "http" && !s.Kind.Dynamic {
		return diag.Errorf(diag.OptionClash, at.Span, "%s is an option of web servers; an echo has none", name).
			WithHelp("write serve http, or leave it out")
	}
	if o.Status != nil && (o.Status.Int() < 200 || o.Status.Int() > 599) {
		return diag.NotAStatus(at.Span, at.Value, 200)
	}
	return nil
}

func (o serveOption) name() (string, syntax.Text) {
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
func (s *serve) Plan(p *verb.Plan) {
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
				lab.StartService(p, place.Text, n, s.service(port))
			}
			continue
		}
		if node, ok := p.Node(place.Node()); ok {
			lab.StartService(p, place.Text, node, s.service(port))
		}
	}
}

// service is the server, on the port that is usual when port is 0.
func (s *serve) service(port int) plan.Service {
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
		h.Port = lab.HTTPPort
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
