package export

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// image has iproute2, nft and the other tools that the commands are of.
const image = "nicolaka/netshoot"

// quote is a string of JSON, which is one of YAML, Python and dot, too.
func quote(s string) string {
	b, _ := json.Marshal(s) // a string has no errors
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(b))
}

// containerlab is a topology file of containerlab (https://containerlab.dev/manual/topo-def-file/).
func (t *topology) containerlab() string {
	var b strings.Builder
	b.WriteString(t.comment("#"))
	fmt.Fprintf(&b, "name: %s\ntopology:\n  defaults:\n    kind: linux\n    image: %s\n  nodes:\n", quote(t.name), image)
	for _, n := range t.nodes {
		fmt.Fprintf(&b, "    %s:\n", quote(n.name))
		if len(n.commands) == 0 {
			b.WriteString("      kind: linux\n")
			continue
		}
		b.WriteString("      exec:\n")
		for _, c := range n.commands {
			fmt.Fprintf(&b, "        - %s\n", quote(c.String()))
		}
	}
	if len(t.cables) > 0 {
		b.WriteString("  links:\n")
	}
	for _, c := range t.cables {
		fmt.Fprintf(&b, "    - endpoints: [%s, %s]\n", quote(c.a.Node+":"+c.a.Name), quote(c.b.Node+":"+c.b.Name))
	}
	return b.String()
}

// dot is a graph of Graphviz.
func (t *topology) dot() string {
	var b strings.Builder
	b.WriteString(t.comment("//"))
	fmt.Fprintf(&b, "graph %s {\n  node [shape=box]\n", quote(t.name))
	for _, n := range t.nodes {
		label := n.name
		for _, link := range slices.Sorted(maps.Keys(n.addrs)) {
			if !slices.ContainsFunc(t.ends(n.name), func(e plan.LinkEnd) bool { return e.Name == link }) {
				label += "\n" + link + " " + strings.Join(n.addrs[link], " ")
			}
		}
		fmt.Fprintf(&b, "  %s [label=%s]\n", quote(n.name), quote(label))
	}
	for _, c := range t.cables {
		fmt.Fprintf(&b, "  %s -- %s [taillabel=%s, headlabel=%s]\n", quote(c.a.Node), quote(c.b.Node), quote(t.label(c.a)), quote(t.label(c.b)))
	}
	b.WriteString("}\n")
	return b.String()
}

// label is an interface and its addresses.
func (t *topology) label(e plan.LinkEnd) string {
	return strings.Join(append([]string{e.Name}, t.node(e.Node).addrs[e.Name]...), "\n")
}

// mininet is a program for Mininet 2.3 (http://mininet.org/api/).
func (t *topology) mininet() string {
	var b strings.Builder
	b.WriteString("#!/usr/bin/env python3\n" + t.comment("#"))
	b.WriteString(`# To run it: sudo python3 THIS-FILE
from mininet.cli import CLI
from mininet.net import Mininet

net = Mininet(controller=None)
`)
	for _, n := range t.nodes {
		fmt.Fprintf(&b, "net.addHost(%s, ip=None)\n", quote(n.name))
	}
	for _, c := range t.cables {
		fmt.Fprintf(&b, "net.addLink(net[%s], net[%s], intfName1=%s, intfName2=%s)\n", quote(c.a.Node), quote(c.b.Node), quote(c.a.Name), quote(c.b.Name))
	}
	// A host sets its interfaces up as it begins, and forwards and filters as the machine does.
	b.WriteString("net.start()\nfor node, command in [\n")
	for _, n := range t.nodes {
		for _, e := range t.ends(n.name) {
			fmt.Fprintf(&b, "    (%s, %s),\n", quote(n.name), quote("ip link set dev "+e.Name+" down"))
		}
		for _, c := range n.commands {
			fmt.Fprintf(&b, "    (%s, %s),\n", quote(n.name), quote(c.String()))
		}
	}
	b.WriteString("]:\n    said = net[node].cmd(command)\n    if said:\n        print(node, command, said, sep=\": \")\nCLI(net)\nnet.stop()\n")
	return b.String()
}

// ends are the interfaces of a node to which cables lead.
func (t *topology) ends(node string) (list []plan.LinkEnd) {
	for _, c := range t.cables {
		for _, e := range []plan.LinkEnd{c.a, c.b} {
			if e.Node == node {
				list = append(list, e)
			}
		}
	}
	return list
}

// kathara is a folder of Kathará: lab.conf, and a file with the commands of each node
// (https://www.kathara.org/man-pages/kathara-lab.conf.5.html). It names interfaces itself.
func (t *topology) kathara(dir string) error {
	files := map[string]string{}
	conf := t.comment("#")
	for _, n := range t.nodes {
		conf += n.name + "[image]=\"" + image + "\"\n"
		startup := ""
		for i, e := range t.ends(n.name) {
			conf += fmt.Sprintf("%s[%d]=%q\n", n.name, i, t.domain(e))
			startup += fmt.Sprintf("ip link set dev eth%d down\nip link set dev eth%d name %s\n", i, i, plan.Quote(e.Name))
		}
		for _, c := range n.commands {
			startup += c.String() + "\n"
		}
		files[n.name+".startup"] = startup
	}
	files["lab.conf"] = conf
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as mkdir makes it
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil { //nolint:gosec // no secret
			return err
		}
	}
	return nil
}

// domain is the collision domain of a cable: letters and digits.
func (t *topology) domain(e plan.LinkEnd) string {
	for i, c := range t.cables {
		if c.a == e || c.b == e {
			return fmt.Sprintf("C%d", i+1)
		}
	}
	return ""
}
