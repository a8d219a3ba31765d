package topology

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"nsl/runtime/plan"
)

// labConf is the file of a folder of Kathará (https://www.kathara.org/man-pages/kathara-lab.conf.5.html).
const labConf = "lab.conf"

// confLine is DEVICE[WORD]=VALUE, and LAB_NAME=VALUE.
var confLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([\w.-]+)(?:\[["']?([\w-]+)["']?\])?[ \t]*=[ \t]*(?:"([^"]*)"|'([^']*)'|(\S*))[ \t]*(?:#.*)?$`)
})

// domains are the collision domains, by name, with their members in order.
type domains struct {
	names   []string
	members map[string][]end
}

// kathara reads lab.conf. Of each device it does the file NAME.startup, as Kathará does.
func kathara(text, dir string) (topology, error) {
	t, d := topology{}, domains{members: map[string][]end{}}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		m := confLine().FindStringSubmatch(line)
		if m == nil {
			return topology{}, fmt.Errorf("line %d: a line is DEVICE[NUMBER]=\"DOMAIN\"", number)
		}
		if m[2] == "" {
			continue // about the lab: its name, its authors
		}
		if err := d.option(t.node(m[1]), m[2], m[3]+m[4]+m[5]); err != nil {
			return topology{}, fmt.Errorf("line %d: %w", number, err)
		}
	}
	d.connect(&t)
	for _, n := range t.nodes {
		n.starts(dir)
	}
	return t, nil
}

// option takes one of a device: an interface, or what its container has.
func (d *domains) option(n *node, word, value string) error {
	if _, err := nameOf("a device", n.name); err != nil {
		return err
	}
	if number, err := strconv.Atoi(word); err == nil {
		domain, mac, _ := strings.Cut(value, "/")
		if _, err := nameOf("a collision domain", domain+mac); err != nil {
			return err
		}
		if d.members[domain] == nil {
			d.names = append(d.names, domain)
		}
		d.members[domain] = append(d.members[domain], end{node: n.name, name: fmt.Sprintf("eth%d", number), mac: mac})
		return nil
	}
	switch word {
	case "sysctl":
		n.commands = append(n.commands, "sysctl -qw "+plan.Quote(value))
	case "exec":
		n.commands = append(n.commands, command(value))
	case "ipv6":
		if off := map[string]string{"false": "1", "False": "1", "0": "1"}[value]; off != "" {
			n.commands = append(n.commands, "sysctl -qw net.ipv6.conf.all.disable_ipv6="+off)
		}
	case "bridged":
		n.notes = append(n.notes, "left out: the interface that leads outside; internet gives the lab a stand-in")
	}
	return nil
}

// connect makes cables of the domains: between two devices that is one, and else a bridge.
func (d *domains) connect(t *topology) {
	ports := map[string]bool{}
	for i, name := range d.names {
		members := d.members[name]
		if len(members) == 2 && members[0].node != members[1].node {
			t.cables = append(t.cables, cable{ends: [2]end{members[0], members[1]}})
			continue
		}
		bridge := "lan-" + name
		if len(bridge) > maxName {
			bridge = fmt.Sprintf("lan-%d", i+1)
		}
		t.bridges = append(t.bridges, bridge)
		for _, m := range members {
			port := m.node + "-" + m.name
			if len(port) > maxName || ports[port] {
				port = fmt.Sprintf("port%d", len(ports)+1)
			}
			ports[port] = true
			t.cables = append(t.cables, cable{ends: [2]end{m, {node: host, name: port, bridge: bridge}}})
		}
	}
}

// starts adds the files that are done as the device starts.
func (n *node) starts(dir string) {
	for _, name := range []string{"shared.startup", n.name + ".startup"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			n.commands = append(n.commands, "bash ./"+name)
			n.startup += string(text)
		}
	}
	if exists(filepath.Join(dir, n.name)) {
		n.notes = append(n.notes, "left out: the files of the folder "+n.name)
	}
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
