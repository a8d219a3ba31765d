// Package topology reads the labs of other tools, and writes the commands of ip(8) that
// build them.
package topology

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Lab is a lab of another tool, as a script of the shell.
type Lab struct {
	// Script builds it. It belongs into the folder Dir, whose files it reads.
	Script, Dir string
}

// Read reads a topology of containerlab (NAME.clab.yml), or a folder of Kathará (or its
// lab.conf). ok is false for a file that is neither. An error is about what the file says;
// it has its name, and where that is known the line.
func Read(name string) (lab Lab, ok bool, err error) {
	if info, statErr := os.Stat(name); statErr == nil && info.IsDir() {
		if name, err = inFolder(name); err != nil {
			return Lab{}, true, err
		}
	}
	read := readers(filepath.Base(name))
	if read == nil {
		return Lab{}, false, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return Lab{}, true, err
	}
	t, err := read(string(text), filepath.Dir(name))
	if err != nil {
		return Lab{}, true, fmt.Errorf("%s: %w", name, err)
	}
	return Lab{Script: t.script(), Dir: filepath.Dir(name)}, true, nil
}

// readers is what reads a file of that name; nil for a script.
func readers(base string) func(text, dir string) (topology, error) {
	switch {
	case strings.HasSuffix(base, ".yml") || strings.HasSuffix(base, ".yaml"):
		return containerlab
	case base == labConf:
		return kathara
	}
	return nil
}

// inFolder is the file of a folder that has the lab.
func inFolder(dir string) (string, error) {
	if conf := filepath.Join(dir, labConf); exists(conf) {
		return conf, nil
	}
	list, _ := filepath.Glob(filepath.Join(dir, "*.clab.y*ml")) // the pattern is well-formed
	if len(list) == 1 {
		return list[0], nil
	}
	return "", fmt.Errorf("%s: a folder has the file %s of Kathará, or one NAME.clab.yml of containerlab", dir, labConf)
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// topology is what the tools have in common.
type topology struct {
	nodes  []*node
	cables []cable
	// bridges are those of the host.
	bridges []string
}

// node is a machine of a lab. Commands are lines of the shell, done in it in this order.
type node struct {
	name     string
	notes    []string
	commands []string
	// startup is the text of files that it runs.
	startup string
}

// cable has two ends; MTU and hardware addresses may be "".
type cable struct {
	ends [2]end
	mtu  string
}

// end is an interface of a node, and the bridge of which it is a port, or "".
type end struct{ node, name, mac, bridge string }

// host is the node that is the machine itself, in nsl and in containerlab.
const host = "host"

func (t *topology) node(name string) *node {
	if i := slices.IndexFunc(t.nodes, func(n *node) bool { return n.name == name }); i >= 0 {
		return t.nodes[i]
	}
	n := &node{name: name}
	t.nodes = append(t.nodes, n)
	return n
}

// script are the commands that build the lab. As in containers, all interfaces are up, and
// packets are forwarded.
func (t *topology) script() string {
	var b strings.Builder
	for _, n := range t.nodes {
		for _, text := range n.notes {
			fmt.Fprintf(&b, "# %s: %s\n", n.name, text)
		}
	}
	for _, format := range []string{"ip netns add %s\n", "ip -n %s link set lo up\n", forwards} {
		for _, n := range t.nodes {
			if n.name != host && (format != forwards || !n.setsForwarding()) {
				fmt.Fprintf(&b, format, n.name)
			}
		}
	}
	for _, name := range t.bridges {
		fmt.Fprintf(&b, "ip link add %s type bridge forward_delay 0\nip link set %s up\n", name, name)
	}
	for _, c := range t.cables {
		b.WriteString(c.script())
	}
	for _, n := range t.nodes {
		for _, c := range n.commands {
			b.WriteString(n.within() + c + "\n")
		}
	}
	return b.String()
}

// forwards has a node forward packets, as a container does.
const forwards = "ip netns exec %s sysctl -qw net.ipv4.ip_forward=1\n"

// setsForwarding reports a node that says itself whether it does.
func (n *node) setsForwarding() bool {
	return slices.ContainsFunc(append(n.commands, n.startup), func(c string) bool { return strings.Contains(c, "net.ipv4.ip_forward=") })
}

// within is what comes before a command that is done in the node.
func (n *node) within() string {
	if n.name == host {
		return ""
	}
	return "ip netns exec " + n.name + " "
}

func (c cable) script() string {
	text := "ip link add " + c.ends[0].made(c.mtu) + " type veth peer name " + c.ends[1].made(c.mtu) + "\n"
	for _, e := range c.ends {
		ip := "ip "
		if e.node != host {
			ip += "-n " + e.node + " "
		}
		if e.bridge != "" {
			text += ip + "link set " + e.name + " master " + e.bridge + "\n"
		}
		text += ip + "link set " + e.name + " up\n"
	}
	return text
}

// made is an end as ip link add has it.
func (e end) made(mtu string) string {
	text := e.name
	if mtu != "" {
		text += " mtu " + mtu
	}
	if e.mac != "" {
		text += " address " + e.mac
	}
	if e.node != host {
		text += " netns " + e.node
	}
	return text
}

// nameOf is a name that the shell and ip read as it is; an error for others.
func nameOf(what, text string) (string, error) {
	if text == "" || strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:") != "" || text[0] == '-' {
		return "", fmt.Errorf("%q cannot be the name of %s", text, what)
	}
	return text, nil
}

// maxName is how long the name of an interface may be (IFNAMSIZ, netdevice(7)).
const maxName = 15

// linkName is the name of an interface.
func linkName(text string) (string, error) {
	if len(text) > maxName {
		return "", fmt.Errorf("%q cannot be the name of an interface: it has more than %d letters", text, maxName)
	}
	return nameOf("an interface", text)
}
