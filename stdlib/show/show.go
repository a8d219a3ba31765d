package show

import (
	"context"
	"io"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// show is the statement show.
type show struct {
	What *syntax.Free    `parser:"'show' @@?"`
	Node *syntax.NodeRef `parser:"@@?"`
}

// Show is the verb show.
func Show() *verb.Verb {
	return verb.Define[show](verb.Spec{
		Name:     "show",
		Also:     []string{"list", "display", "view", "get", "dump"},
		Spelling: spelling,
		Group:    verb.Looking,
		Summary:  "print the lab as the kernel has it: who is connected to whom, addresses, routes, …",
		Usage: []string{
			"show [NODE]",
			"show topology|links|vlans|fdb|wireguard|addrs|routes|neigh [NODE]",
			"show rules|nat|connections [NODE]",
			"show services|listen|processes|sysctl [NODE]",
		},
		Doc: `- topology: every node with its interfaces, their state and addresses and what
  the other end of the cable is; bridges with their ports; which nodes are routers.
  It is the default.
- links: interfaces with state, MTU, hardware address, kind, the bridge that they are
  a port of, and what else their kind has
- fdb: the forwarding tables of bridges and vxlans: by which port, or to which node,
  frames for a hardware address go, learned or entered by hand
- wireguard: the peers of each, by their interfaces or public keys, and when the last handshake was
- vlans: the VLANs of the ports of bridges that filter them, and of the bridges themselves,
  in the words of attach; else as bridge(8) lists them
- addrs: addresses, with what they have besides: peer, label, scope, the time that is left
- routes: the routing tables
- neigh: which hardware address belongs to which neighbour, once they have exchanged packets
- rules: the policy rules except the kernel's own three, and what the packet filter
  lets pass or not, in the order of evaluation, with what each has counted; then those
  of iptables, nft and other programs, with their table and chain
- nat: the rules that nat, publish, redirect, block, allow and reject made, in the order of
  evaluation, and what each of them has counted; the chains prerouting, output and
  postrouting see only the first packet of a connection; then those that other programs
  made in tables of type nat
- connections: what the node's connection tracking remembers, and what NAT makes of it;
  a node tracks connections once a rule needs it
- services: the servers and programs that nsl started
- listen: which program listens on which port
- processes: the programs that run in a node, with the number that each has in its
  own PID namespace and in that of the lab
- sysctl: the kernel settings that differ from those of a new node

Everything is read from the kernel at that moment. With NODE only that node is
shown. The loopback interface is left out while it is up and has no addresses besides
127.0.0.1 and ::1; so are IPv6
link-local addresses (fe80::/10) and their routes: the kernel gives every
interface one of its own.`,
		Examples: []verb.Example{
			{Note: "Draw the lab.", Code: "ns red blue\nbridge v-net-0 <red blue>\nshow\n"},
			{Note: "Routes and neighbours of one node.", Code: "ns red blue\nlink red <-> blue\nexpect ping red -> blue\nshow routes red\nshow neigh red\n"},
		},
	})
}

// view is one thing to show: rows of cells, or a drawing.
type view struct {
	name string
	// also are other names that people type.
	also string
	head []string
	rows func(view plan.View, node string) ([][]string, error)
	draw func(view plan.View, nodes []string) (string, error)
}

// views are all there is to show; the first is the default.
func views() []view {
	return []view{
		{name: "topology", also: "topo nodes node ns namespaces map running-config run config configuration net", draw: drawTopology},
		{name: "links", also: "link interfaces interface ifaces bridges", head: []string{"node", "interface", "state", "mtu", "address", "type", "master", "details"}, rows: linkRows},
		{name: "wireguard", head: []string{"node", "interface", "port", "peer", "endpoint", "allowed-ips", "handshake"}, rows: wgRows},
		{name: "vlans", also: "vlan", head: []string{"node", "bridge", "port", "vlans"}, rows: vlanRows},
		{name: "fdb", also: "macs mac-address-table", head: []string{"node", "interface", "lladdr", "dst", "state"}, rows: forwardRows},
		{name: "addrs", also: "addr address addresses", head: []string{"node", "interface", "address"}, rows: addrRows},
		{name: "routes", also: "route fib", head: []string{"node", "route"}, rows: routeRows},
		{name: "neigh", also: "neighbours neighbors arp", head: []string{"node", "neighbour", "dev", "lladdr", "state"}, rows: neighRows},
		{name: "rules", also: "rule firewall filter", head: ruleHead(), rows: ruleRows},
		{name: "nat", also: "nft", head: natHead(), rows: natRows},
		{name: "connections", also: "connection conntrack", head: connectionHead(), rows: connectionRows},
		{name: "services", also: "service", head: []string{"node", "name", "service", "state"}, rows: serviceRows},
		{name: "listen", also: "listening sockets", head: []string{"node", "proto", "local", "program"}, rows: listenRows},
		{name: "processes", also: "process ps", head: []string{"node", "pid inside", "pid outside", "command"}, rows: processRows},
		{name: "sysctl", also: "sysctls", head: []string{"node", "setting", "value"}, rows: sysctlRows},
	}
}

// Names are the names of all there is to show.
func Names() []string {
	var names []string
	for _, v := range views() {
		names = append(names, v.name)
	}
	return names
}

// findView is the view of that name, or false.
func findView(name string) (view, bool) {
	for _, v := range views() {
		if v.name == name || slices.Contains(strings.Fields(v.also), name) {
			return v, true
		}
	}
	return view{}, false
}

// Names reports a WHAT that there is none of, and a node that never was.
func (s *show) Names(view verb.Lab) diag.List {
	_, _, d := s.resolve(view)
	if d == nil {
		return nil
	}
	return diag.List{d}
}

// resolve is what to show, and of which node ("" for all).
func (s *show) resolve(view verb.Lab) (v view, node string, d *diag.Diagnostic) {
	v = views()[0]
	if s.Node != nil {
		node, d = s.Node.Value, lab.Unknown(view, s.Node.Text, plan.Ref{Node: s.Node.Value})
	}
	if s.What == nil {
		return v, node, d
	}
	if found, ok := findView(s.What.Value); ok {
		return found, node, d
	}
	if s.Node == nil && view.Known(plan.Ref{Node: s.What.Value}) {
		return v, s.What.Value, nil
	}
	return v, node, s.unknown(view)
}

func (s *show) unknown(view verb.Lab) *diag.Diagnostic {
	names := Names()
	list := strings.Join(names, ", ")
	if s.Node == nil {
		nodes, _ := view.Nodes()
		names = append(names, nodes...)
	}
	d := diag.Errorf(diag.BadWord, s.What.Span, "show: there is no table called %q", s.What.Value)
	if meant := meant(s.words()); meant != "" {
		return d.WithHelp("did you mean: show %s", meant).WithFix(s.What.Span.To(s.last()), "", meant)
	}
	return d.WithNearest(s.What.Value, names, "there are %s, and the names of nodes", list)
}

// words are what is to be shown, as it was written.
func (s *show) words() []string {
	if s.Node == nil {
		return []string{s.What.Value}
	}
	return []string{s.What.Value, s.Node.Value}
}

// last is the place of the last word.
func (s *show) last() source.Span {
	if s.Node == nil {
		return s.What.Span
	}
	return s.Node.Span
}

// Run prints it.
func (s *show) Run(_ context.Context, env *verb.Env) error {
	v, node, d := s.resolve(env.Lab)
	if d != nil {
		return diag.List{d}
	}
	nodes, err := shownNodes(env.Lab, node)
	if err != nil {
		return err
	}
	var text string
	if v.draw != nil {
		text, err = v.draw(env.Lab, nodes)
	} else {
		text, err = v.table(env.Lab, nodes)
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(env.Streams.Out, diag.Plain(text))
	return err
}

// shownNodes are the nodes to show: the host first, then the others sorted. One
// that is gone is an error of the lab, reported as such.
func shownNodes(view plan.View, node string) ([]string, error) {
	if node != "" {
		return []string{node}, nil
	}
	return plan.AllNodes(view)
}

func (v view) table(view plan.View, nodes []string) (string, error) {
	var rows [][]string
	for _, n := range nodes {
		more, err := v.rows(view, n)
		if err != nil {
			return "", err
		}
		rows = append(rows, more...)
	}
	if len(rows) == 0 {
		return "(no " + v.name + ")\n", nil
	}
	return columns(append([][]string{v.head}, rows...)), nil
}
