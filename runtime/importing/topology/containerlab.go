package topology

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"nsl/runtime/plan"

	"go.yaml.in/yaml/v3"
)

// clab is a topology file (https://containerlab.dev/manual/topo-def-file/): what of it
// concerns the network.
type clab struct {
	Topology struct {
		Defaults clabNode            `yaml:"defaults"`
		Kinds    map[string]clabNode `yaml:"kinds"`
		Groups   map[string]clabNode `yaml:"groups"`
		Nodes    yaml.Node           `yaml:"nodes"`
		Links    []clabLink          `yaml:"links"`
	} `yaml:"topology"`
}

type clabNode struct {
	Kind    string            `yaml:"kind"`
	Group   string            `yaml:"group"`
	Image   string            `yaml:"image"`
	Exec    []string          `yaml:"exec"`
	Sysctls map[string]string `yaml:"sysctls"`
	Binds   []string          `yaml:"binds"`
	Cmd     string            `yaml:"cmd"`
	Mode    string            `yaml:"network-mode"`
}

// clabLink is a link in its brief form, with two endpoints NODE:INTERFACE, or in one of
// its extended forms (https://containerlab.dev/manual/topo-def-file/#links).
type clabLink struct {
	Type      string      `yaml:"type"`
	Endpoints []yaml.Node `yaml:"endpoints"`
	Endpoint  yaml.Node   `yaml:"endpoint"`
	MTU       string      `yaml:"mtu"`
	HostIf    string      `yaml:"host-interface"`
}

type clabEnd struct {
	Node      string `yaml:"node"`
	Interface string `yaml:"interface"`
	MAC       string `yaml:"mac"`
}

// substituted is ${NAME:=default} and its like, which containerlab replaces.
var substituted = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{\w+:[=-]([^}]*)\}`) })

// containerlab reads a topology file. Variables of the environment have their defaults.
func containerlab(text, _ string) (topology, error) {
	var file clab
	if err := yaml.Unmarshal([]byte(substituted().ReplaceAllString(text, "$1")), &file); err != nil {
		return topology{}, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	nodes := file.Topology.Nodes.Content // names and values, in the order of the file
	if len(nodes) == 0 {
		return topology{}, errors.New("there are no nodes below topology")
	}
	t := topology{}
	for i := 0; i+1 < len(nodes); i += 2 {
		var n clabNode
		if err := nodes[i+1].Decode(&n); err != nil {
			return topology{}, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
		}
		if err := file.add(&t, nodes[i], n); err != nil {
			return topology{}, err
		}
	}
	for _, l := range file.Topology.Links {
		if err := l.add(&t); err != nil {
			return topology{}, err
		}
	}
	return t, nil
}

// add adds a node with what it has from its kind, its group and all nodes.
func (f clab) add(t *topology, at *yaml.Node, n clabNode) error {
	name, err := nameOf("a node", at.Value)
	if err != nil {
		return fmt.Errorf("line %d: %w", at.Line, err)
	}
	group := f.Topology.Groups[n.Group]
	kind := cmp.Or(n.Kind, group.Kind, f.Topology.Defaults.Kind)
	switch kind {
	case "bridge":
		t.bridges = append(t.bridges, name)
		return nil
	case host, "linux":
	default:
		return fmt.Errorf("line %d: the node %s is of the kind %q: only linux, bridge and host are Linux's own", at.Line, name, kind)
	}
	to := t.node(name)
	for _, from := range []clabNode{f.Topology.Defaults, f.Topology.Kinds[kind], group, n} {
		to.takes(from)
	}
	return nil
}

// takes adds what a node has: its settings before its commands.
func (n *node) takes(from clabNode) {
	for _, key := range sortedKeys(from.Sysctls) {
		n.commands = append(n.commands, "sysctl -qw "+plan.Quote(key+"="+from.Sysctls[key]))
	}
	for _, c := range from.Exec {
		n.commands = append(n.commands, command(c))
	}
	if from.Cmd != "" {
		n.notes = append(n.notes, "left out: the command of the container: "+oneLine(from.Cmd))
	}
	if len(from.Binds) > 0 {
		n.notes = append(n.notes, "left out: files of the container: "+oneLine(strings.Join(from.Binds, " ")))
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// add adds a cable.
func (l clabLink) add(t *topology) error {
	var ends []end
	list := l.Endpoints
	if l.Endpoint.Line > 0 {
		list = append(list, l.Endpoint)
	}
	line := 0
	for _, e := range list {
		line = e.Line
		one, err := t.endpoint(e)
		if err != nil {
			return fmt.Errorf("line %d: %w", e.Line, err)
		}
		ends = append(ends, one)
	}
	switch {
	case l.Type == "dummy" && len(ends) == 1:
		n := t.node(ends[0].node)
		n.commands = slices.Insert(n.commands, 0, "ip link add "+ends[0].name+" type dummy", "ip link set "+ends[0].name+" up")
		return nil
	case l.Type == host && len(ends) == 1:
		ends = append(ends, end{node: host, name: l.HostIf})
	case l.Type != "" && l.Type != "veth" || len(ends) != 2:
		return fmt.Errorf("line %d: a link of the type %q with %d endpoints is not between nodes of the lab", line, cmp.Or(l.Type, "veth"), len(ends))
	}
	t.cables = append(t.cables, cable{[2]end{ends[0], ends[1]}, l.MTU})
	return nil
}

// endpoint is one in either form.
func (t *topology) endpoint(at yaml.Node) (end, error) {
	var e clabEnd
	if at.Kind == yaml.ScalarNode {
		e.Node, e.Interface, _ = strings.Cut(at.Value, ":")
	} else if err := at.Decode(&e); err != nil {
		return end{}, errors.New("an endpoint is \"NODE:INTERFACE\", or has a node and an interface")
	}
	name, err := linkName(e.Interface)
	if err != nil {
		return end{}, err
	}
	if e.MAC != "" {
		if _, err := nameOf("a hardware address", e.MAC); err != nil {
			return end{}, err
		}
	}
	switch {
	case slices.Contains(t.bridges, e.Node):
		return end{node: host, name: name, mac: e.MAC, bridge: e.Node}, nil
	case e.Node == host || slices.ContainsFunc(t.nodes, func(n *node) bool { return n.name == e.Node }):
		return end{node: e.Node, name: name, mac: e.MAC}, nil
	}
	return end{}, fmt.Errorf("there is no node %q", e.Node)
}
