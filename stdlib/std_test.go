package stdlib_test

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	"nsl/lang/format"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
	"nsl/stdlib"
)

// TestLibraryHolds uses each module in several sizes, with one word or a list
// where a list is allowed, and with its defaults or without.
func TestLibraryHolds(t *testing.T) {
	t.Parallel()
	for name, script := range libraryLabs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			labs.Hold(t, script)
		})
	}
}

func libraryLabs() map[string]string {
	return map[string]string{
		"lan of one": `use std/lan
lan office pc1 10.1.0.0/24
expect addr office:lan 10.1.0.254/24
expect sysctl office net.ipv4.ip_forward=1
expect ping pc1 -> 10.1.0.254
expect route pc1 -> default via 10.1.0.254
`,
		"lan from a variable, IPv6": `use std/lan
let desks = pc${range(5)}
lan office $desks fd00:1::/64
expect ping * -> *
expect route $desks -> default via fd00:1::ffff
expect sysctl office net.ipv6.conf.all.forwarding=1
`,
		"two lans": `use std/lan
lan office <pc1 pc2> 10.1.0.0/24
lan shop <till> 10.2.0.0/28
link office <-> shop 10.9.0.0/30
expect not ping pc1 -> till
route office 10.2.0.0/28 via 10.9.0.2
route shop 10.1.0.0/24 via 10.9.0.1
expect ping <pc1 pc2> -> till
expect route till -> default via 10.2.0.14
`,
		"chain of one": "use std/chain\nchain r 1\nexpect ns r1\nexpect not route r1 -> 10.255.1.1\n",
		"chain of two": "use std/chain\nchain r 2\nexpect ping r1 -> r2\n",
		"chain of seven": `use std/chain
chain r 7
expect ping * -> *
expect route r1 -> 10.255.6.0/24 via 10.255.1.2
expect route r7 -> 10.255.1.0/24 via 10.255.6.1
expect route r4 -> 10.255.3.0/24 dev veth-r4
forward r4 off
expect not ping r1 -> r7
expect ping r1 -> r4
`,
		"chain elsewhere, with IPv6": `use std/chain
let routers = 3
chain gw- $routers fd00:aa00::/56
expect ping * -> *
expect addr gw-1 fd00:aa00:0:1::1/64
expect route gw-1 -> fd00:aa00:0:2::/64 via fd00:aa00:0:1::2
`,
		"mesh of one": "use std/mesh\nmesh n 1\nexpect ns n1\n",
		"mesh of six": `use std/mesh
mesh n 6
expect ping * -> *
expect ping n6 -> n1
expect neigh n6 -> n1
expect addr n1 10.254.0.1/30
expect route n5 -> n6 dev veth-n5-5
down n5:veth-n5-5
expect not ping n5 -> n6
`,
		"mesh with IPv6":           "use std/mesh\nmesh n 3 fd00::/50\nexpect ping * -> *\nexpect addr n3 fd00:0:0:2::2/64\n",
		"leaf-spine, the smallest": "use std/leaf-spine\nleaf-spine 1 1\nexpect ping h1-1 -> <leaf1 10.1.1.2>\n",
		"leaf-spine of several hosts": `use std/leaf-spine
leaf-spine 3 2 2
let hosts = h${range(3)}-${range(2)}
expect ping $hosts -> $hosts
expect route leaf3 -> 10.0.1.0/24 via 10.1.3.2
expect route leaf3 -> 10.0.1.0/24 via 10.2.3.2
for n in <spine${range(2)} leaf${range(3)}> { expect sysctl $n net.ipv4.ip_forward=1 }
forward spine1 off
forward spine2 off
expect not ping h1-1 -> h3-2
expect ping h1-1 -> h1-2
`,
		"docker, one container": `use std/docker
docker web
expect addr docker0 172.17.0.1/16
expect addr web:eth0 172.17.0.2/16
expect ping host -> web
expect route web -> default via 172.17.0.1
`,
		"docker, all networks": `use std/docker
ns lan
link host:eth0 <-> lan 192.168.1.0/24
docker <web db>
network front 172.18.0.0/16 <proxy cache>
container late
container worker front 172.18.0.0/16
container vault none
expect ping <web db late> -> <web db late 172.17.0.1>
expect addr late 172.17.0.4/16
expect addr front 172.18.0.1/16
expect ping proxy -> <cache worker>
expect addr worker 172.18.0.4/16
expect ping <web worker> -> lan
expect not ping lan -> <web proxy>
expect not ping vault -> <web lan>
expect link veth-late master docker0
expect link veth-worker master front
`,
	}
}

// moduleText is the text of a module.
func moduleText(t *testing.T, name string) string {
	t.Helper()
	text, err := fs.ReadFile(stdlib.Std(), path.Base(name)+".nsl")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestLibraryNoticesWhatIsMissing takes each statement of each function away: the
// module then cannot be used any more, or an expectation sees it.
func TestLibraryNoticesWhatIsMissing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs each module once for each of its statements")
	}
	table := stdlib.Table()
	for _, name := range stdlib.StdNames() {
		text := moduleText(t, name)
		tree := stdlib.Table().Split((&source.Set{}).Add(name, text))
		for _, st := range labtest.Statements(tree.Statements) {
			if table.Role(st.Verb()) == verb.RoleDef {
				continue
			}
			start, end := st.Span.Start-tree.File.Base, st.Span.End-tree.File.Base
			t.Run(name+"/"+firstLine(text[start:end]), func(t *testing.T) {
				t.Parallel()
				if !anyNotices(t, name, text[:start]+text[end:]) {
					t.Errorf("everything holds without %s", text[start:end])
				}
			})
		}
	}
}

// anyNotices reports whether a lab that uses the module goes wrong with another
// text in its place.
func anyNotices(t *testing.T, name, text string) bool {
	t.Helper()
	for _, script := range libraryLabs() {
		if !strings.HasPrefix(script, "use "+name+"\n") {
			continue
		}
		r := labs.Do(t, labs.Job{Script: labtest.StopAtFirst(script), Modules: map[string]string{name: text}})
		if r.Err != "" || r.Failed > 0 {
			return true
		}
	}
	return false
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// TestLibraryIsInItsCanonicalForm holds the modules to nsl fmt.
func TestLibraryIsInItsCanonicalForm(t *testing.T) {
	for _, name := range stdlib.StdNames() {
		text := moduleText(t, name)
		got, list := format.Source((&source.Set{}).Add(name, text), stdlib.Table())
		if len(list) > 0 || got != text {
			t.Errorf("%s: %v\n%s", name, list, format.Diff(name, text, got))
		}
	}
}

var documented = regexp.MustCompile("(?ms)^# ```nsl run\n(.*?)^# ```$")

// TestLibraryIsDocumented wants a comment and an example that holds of every
// function.
func TestLibraryIsDocumented(t *testing.T) {
	t.Parallel()
	for _, m := range stdlib.Modules() {
		if m.Doc == "" {
			t.Errorf("%s does not say what it is", m.Name)
		}
		for _, f := range m.Functions {
			examples := documented.FindAllStringSubmatch("# "+strings.ReplaceAll(f.Doc, "\n", "\n# "), -1)
			if len(examples) == 0 {
				t.Errorf("%s: %s has no example", m.Name, f.Name)
			}
			for _, e := range examples {
				t.Run(m.Name+"/"+f.Name, func(t *testing.T) {
					t.Parallel()
					labs.Hold(t, regexp.MustCompile(`(?m)^# ?`).ReplaceAllString(e[1], ""))
				})
			}
		}
	}
}
