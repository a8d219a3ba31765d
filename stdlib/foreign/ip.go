package foreign

import (
	"path"
	"slices"
	"strings"

	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// iproute are the programs of iproute2.
func iproute() map[string]program {
	return map[string]program{"ip": ip, "bridge": bridge, "tc": tc, "ss": sockets}
}

// passes is a program that is run as it is.
func passes(*call) bool { return false }

// ipState is what the options before the object say.
type ipState struct {
	*call
	v4, v6, all bool
	// command is the subcommand as it was typed, for messages.
	object string
}

// objects are those of ip, in the order in which ip looks for the first that an
// abbreviation fits (ip.c).
func objects() []string {
	return []string{"address", "addr", "addrlabel", "maddress", "route", "rule", "neighbor", "neighbour", "neigh", "ntable",
		"link", "l2tp", "fou", "ila", "macsec", "tunnel", "tuntap", "tap", "token", "tcp_metrics", "monitor", "xfrm", "mroute",
		"mrule", "netns", "netconf", "vrf", "sr", "nexthop", "mptcp", "ioam", "stats", "help"}
}

func ip(k *call) bool {
	s := &ipState{call: k}
	for isDashed(k.peek()) {
		w, _ := k.next()
		if w.text == "-V" || abbreviates(w.text, "-Version", 2) {
			return k.only()
		}
		if !s.option(w) {
			return false
		}
	}
	w, ok := k.next()
	if !ok {
		return k.fail(k.last(), "what? for example: ip addr, ip link, ip route")
	}
	if k.turnedRound(w) {
		return true
	}
	object := k.keyword(w, objects())
	s.object = object
	does := map[string]func(*ipState) bool{
		"address": ipAddr, "addr": ipAddr, "route": ipRoute, "rule": ipRule, "link": ipLink, "netns": ipNetns,
		"neighbor": ipNeigh, "neighbour": ipNeigh, "neigh": ipNeigh, "tuntap": ipTuntap, "tunnel": ipTunnel,
	}
	switch do := does[object]; {
	case object == "":
		return k.fail(w, "there is no object %q", w.text)
	case object == "help" || k.peek() == "help":
		return k.only()
	case do == nil:
		return object != "monitor" && (isList(k.peek()) || object == "xfrm" && len(k.args) == 1) && k.only()
	default:
		return do(s)
	}
}

// turnedRound corrects a command that is before its object: ip add link.
func (k *call) turnedRound(w word) bool {
	if !slices.Contains([]string{"add", "del", "delete", "set", "show", "list"}, w.text) ||
		!slices.Contains([]string{"link", "addr", "address", "route", "rule", "netns", "neigh", "tuntap", "tunnel"}, k.peek()) {
		return false
	}
	k.fix(w, k.peek())
	k.fix(k.args[0], w.text)
	return true
}

// option takes one that comes before the object; false for one that needs the program.
func (s *ipState) option(w word) bool {
	name := "-" + strings.TrimLeft(w.text, "-")
	switch {
	case name == "-4":
		s.v4 = true
	case name == "-6":
		s.v6 = true
	case name == "-0" || name == "-M" || name == "-B":
		return false
	case name == "-a" || name == "-all":
		s.all = true
	case abbreviates(name, "-netns", 2):
		if n, ok := s.next(); ok {
			s.node = s.nodeName(n)
			s.dropped = append(s.dropped, w, n)
		}
	case abbreviates(name, "-family", 2):
		n, _ := s.next()
		s.v4, s.v6 = n.text == "inet", n.text == "inet6"
	case abbreviates(name, "-batch", 2) || name == "-force":
		return false
	}
	return true
}

// command is the word that says what to do with the object, "" where there is none.
func (s *ipState) command(list ...string) (string, bool) {
	w, ok := s.next()
	if !ok {
		return "show", true
	}
	c := choose(w.text, list)
	if c != "" {
		return c, true
	}
	s.args = append([]word{w}, s.args...)
	return "", false
}

// mistypedCommand corrects the word that says what to do, or refuses it.
func (s *ipState) mistypedCommand(list []string) string {
	w, _ := s.next()
	if c := s.keyword(w, list); c != "" {
		return c
	}
	s.fail(w, "%s has no command %q", s.object, w.text)
	return ""
}

func isShow(command string) bool {
	return slices.Contains([]string{"show", "list", "lst"}, command)
}

func ipNetns(s *ipState) bool {
	list := []string{"list", "show", "lst", "list-id", "help", "add", "set", "delete", "identify", "pids", "exec", "monitor", "attach"}
	c, ok := s.command(list...)
	if !ok && s.swapped() {
		return true
	}
	if !ok {
		c = s.mistypedCommand(list)
	}
	switch c {
	case "show", "list", "lst":
		return s.print(s.netnsList())
	case "add":
		return s.netnsAdd()
	case "delete":
		return s.netnsDelete()
	case "identify":
		if s.node == plan.Host {
			return s.print("")
		}
		return s.print(s.node)
	case "pids":
		if w, ok := s.next(); ok {
			s.node = s.nodeName(w)
			return s.show("processes")
		}
	case "exec":
		return s.netnsExec()
	case "":
		return true
	}
	return false
}

// swapped corrects ip netns NODE exec COMMAND.
func (s *ipState) swapped() bool {
	if len(s.args) < 2 || !abbreviates(s.args[1].text, "exec", 2) {
		return false
	}
	s.fix(s.args[0], "exec")
	s.fix(s.args[1], s.args[0].text)
	return true
}

// netnsList is what ip netns list prints.
func (s *ipState) netnsList() string {
	nodes, _ := s.lab.Nodes()
	return strings.Join(nodes, "\n")
}

func (s *ipState) netnsAdd() bool {
	w, ok := s.next()
	switch {
	case !ok:
		return s.fail(s.last(), "netns add: the name is missing")
	case w.text == "add":
		s.fix(w, "")
		w, _ = s.next()
	}
	if len(s.args) > 0 {
		return s.fail(s.args[0], "unexpected %q: ip netns add takes one name", s.peek())
	}
	s.say("ns %s", w.text)
	return s.say("down %s:lo", w.text)
}

func (s *ipState) netnsDelete() bool {
	nodes, _ := s.lab.Nodes()
	if !s.all {
		w, ok := s.next()
		if !ok {
			return s.fail(s.last(), "netns delete: the name is missing")
		}
		nodes = []string{s.nodeName(w)}
	}
	if len(nodes) == 0 {
		return true
	}
	return s.say("delete %s", strings.Join(nodes, " "))
}

// netnsExec runs a command in all nodes, or refuses one without a command.
func (s *ipState) netnsExec() bool {
	nodes, _ := s.lab.Nodes()
	if !s.all {
		switch len(s.args) {
		case 0:
			return s.fail(s.last(), "netns exec: the name of a node and a command are missing")
		default:
			return s.fail(s.last(), "netns exec: the command is missing, as in: ip netns exec %s ip addr", s.args[0].text)
		}
	}
	words, reads := s.args, len(nodes) > 0
	for _, n := range nodes {
		inner := *s.call.command
		inner.words = words
		inner.within = &word{text: n}
		t, d := inner.Translate(s.lab)
		if d != nil {
			s.failed = d
			return true
		}
		s.out.Statements = append(s.out.Statements, t.Statements...)
		reads = reads && len(t.Reads.Argv) > 0
	}
	if reads {
		s.out.Reads = verb.Reading{Node: s.node, Argv: texts(s.words), MayFail: !s.needed}
	}
	return true
}

// target is the node that "netns NAME" means; 1 is the process of the host's root.
func (s *ipState) target(w word) string {
	if w.text == "1" {
		return plan.Host
	}
	if dir, name := path.Split(w.text); dir == "/var/run/netns/" || dir == "/run/netns/" {
		w.text = name
	}
	return s.nodeName(w)
}
