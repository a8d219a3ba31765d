package services

import (
	"path"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// capture is the statement capture.
type capture struct {
	List   []syntax.Endpoint `parser:"'capture' ( '<' @@* '>'"`
	Single *syntax.Endpoint  `parser:"| @@ )"`
	File   syntax.Free       `parser:"@@"`
	Opts   []captureOption   `parser:"@@*"`
}

// captureOption is one part of the filter of capture.
type captureOption struct {
	Proto *syntax.Keyword `parser:"  (?= 'tcp' | 'udp' | 'icmp' | 'arp') @@"`
	Host  *syntax.Peer    `parser:"| 'host' @@"`
	Port  *syntax.Port    `parser:"| 'port' @@"`
}

// Capture is the verb capture.
func Capture() *verb.Verb {
	return verb.Define[capture](verb.Spec{
		Name:    "capture",
		Summary: "record the packets of interfaces in a file that Wireshark and tcpdump open",
		Usage:   []string{"capture NODE:IFACE FILE [tcp|udp|icmp|arp] [host HOST] [port N]", "capture <NODE:IFACE…> FILE [tcp|udp|icmp|arp] [host HOST] [port N]"},
		Doc: `From this statement on, what passes the interface in either direction is written to
FILE (pcapng), until the lab or the test ends, the node is deleted, or ` + "`kill capture`" + `.
Several interfaces, of several nodes too, share one file; each has its name there:
` + "`red/veth-red`" + `. The only interface of a node need not be named.

The filter: packets have to match all conditions. HOST is a node, with all the
addresses that it has at that moment, an address or a subnet, and the source or the
destination; with two, they are both ends. ` + "`icmp`" + ` is ICMP and ICMPv6, and ` + "`port`" + ` one of TCP or
UDP, either side's.

FILE is relative to the script, which asks for it at its top: ` + "`grant write \"red.pcapng\"`" + `. An
existing file is overwritten. At the prompt it is written with your rights, where nsl was
started, and one that is there only after a question. It can be read at any time. nsl opens the packet sockets itself, inside the namespaces; no
tcpdump is needed.`,
		Examples: []verb.Example{
			{Note: "Both ends of a cable, in one file.", Code: "ns red blue\nlink red <-> blue\ncapture <red blue> \"cable.pcapng\"\nexpect ping red -> blue\nkill capture\n"},
			{Note: "Only the web traffic between red and blue.", Code: "ns red blue\nbridge v-net-0 <red blue>\nserve http blue\ncapture v-net-0 \"web.pcapng\" tcp host red host blue port 80\nexpect http red -> http://blue/\nkill capture\n"},
		},
	})
}

// Check finds parts that are given twice or do not fit.
func (c *capture) Check() diag.List {
	var list diag.List
	if c.File.Value == "" && !c.File.Dynamic {
		list.Add(diag.Errorf(diag.LabFile, c.File.Span, "capture: the name of the file is empty").WithHelp(`for example: "red.pcapng"`))
	}
	seen := map[string]int{}
	for _, o := range c.Opts {
		word, at := o.word()
		if seen[word]++; seen[word] > 1 && word != "host" || seen[word] > 2 {
			list.Add(diag.GivenTwice(at.Span, "capture", word))
		}
	}
	for _, o := range c.Opts {
		if o.Proto != nil && seen["port"] > 0 && o.Proto.Value != "tcp" && o.Proto.Value != "udp" {
			list.Add(diag.Errorf(diag.OptionClash, o.Proto.Span, "%s has no ports", o.Proto.Value).WithHelp("leave out one of the two"))
		}
	}
	return list
}

func (o captureOption) word() (string, syntax.Text) {
	switch {
	case o.Proto != nil:
		return "the protocol", o.Proto.Text
	case o.Host != nil:
		return "host", o.Host.Text
	}
	return "port", o.Port.Text
}

// Plan starts the recording.
func (c *capture) Plan(p *verb.Plan) {
	capture := plan.Capture{File: c.File.Value}
	places := c.List
	if c.Single != nil {
		places = []syntax.Endpoint{*c.Single}
	}
	for _, e := range places {
		l, ok := p.Iface(e)
		r := l.Ref()
		if ok && slices.Contains(capture.Ports, r) {
			p.Fail(diag.Errorf(diag.OptionClash, e.Span, "capture: %s is named twice", r))
		}
		capture.Ports = append(capture.Ports, r)
	}
	capture.Filter = c.filter(p)
	if len(places) == 0 {
		p.Fail(diag.Errorf(diag.TooShort, p.At, "capture: the list of interfaces is empty").WithHelp("for example: capture <red:eth0 blue:eth0> \"lab.pcapng\""))
	}
	p.Fail(c.whereabouts(p))
	if p.Failed() {
		return
	}
	c.alone(p)
	lab.StartService(p, c.File.Text, capture.Ports[0].Node, capture)
}

func (c *capture) filter(p *verb.Plan) plan.CaptureFilter {
	var f plan.CaptureFilter
	for _, o := range c.Opts {
		switch {
		case o.Proto != nil:
			f.Proto = o.Proto.Value
		case o.Port != nil:
			f.Port = uint16(o.Port.Number())
		default:
			e, ok := lab.PeerOf(p, *o.Host)
			if ok && len(e.Addrs) == 0 && !p.Uncertain() {
				p.Fail(diag.NoAddressYet(e.At, e.Text))
			}
			f.Hosts = append(f.Hosts, plan.CaptureHost{Text: e.Text, Addrs: e.Addrs})
		}
	}
	return f
}

// whereabouts warns of a file that ends with the lab.
func (c *capture) whereabouts(p *verb.Plan) *diag.Diagnostic {
	file := path.Clean(c.File.Value)
	for _, own := range []string{"/tmp", "/run"} {
		if strings.HasPrefix(file, own+"/") && !p.Keeps(file) {
			return diag.New(diag.LabFile, diag.Warning, c.File.Span, "%s is in the lab's own %s, which is deleted with it", c.File.Value, own).
				WithHelp("to keep it, write it beside the script: %[1]q, with this at its top: grant write %[1]q", path.Base(file))
		}
	}
	return nil
}

// alone finds another capture that writes the same file.
func (c *capture) alone(p *verb.Plan) {
	nodes, err := plan.AllNodes(p)
	p.Err(c.File.Span, err)
	for _, node := range nodes {
		running := verb.Ask(p, c.File.Span, p.Services, node)
		for _, r := range running {
			other, ok := r.Service.(plan.Capture)
			if ok && r.Ended == "" && path.Clean(other.File) == path.Clean(c.File.Value) {
				p.Fail(diag.Errorf(diag.LabFile, c.File.Span, "%s is already being written: %s", c.File.Value, other).
					WithHelp("choose another name, or end that one first: kill %s %s", node, r.ID))
			}
		}
	}
}
