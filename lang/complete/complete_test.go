package complete_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"nsl/lang/complete"
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/plan"
	"nsl/stdlib"
)

// silent observes nothing.
type silent struct{}

func (silent) Begin(*syntax.Statement)                      {}
func (silent) Done(*syntax.Statement, []plan.Step)          {}
func (silent) Expected(*syntax.Statement, verb.Expectation) {}
func (silent) Warned(diag.List)                             {}
func (silent) TestBegun(string, source.Span)                {}
func (silent) TestEnded(string, int, error)                 {}

// lab builds a lab in memory.
func lab(t testing.TB, script string) *labtest.World {
	t.Helper()
	world := labtest.NewWorld()
	s := engine.NewSession(world, stdlib.Table(), silent{}, verb.Streams{})
	tree := stdlib.Table().Split((&source.Set{}).Add("lab.nsl", script))
	if err := s.Run(context.Background(), tree.Statements); err != nil {
		t.Fatal(err)
	}
	return world
}

func request(view plan.View, text string) complete.Request {
	return complete.Request{
		Table: stdlib.Table(), Text: text, View: view,
		Functions: []complete.Named{{Name: "lan", Usage: "lan NAME MEMBERS [NET]"}},
		Commands: []complete.Named{
			{Name: "save", Usage: "save FILE", Args: []syntax.Completion{syntax.Files}},
			{Name: "explain", Usage: "explain on|off", Args: []syntax.Completion{syntax.OnOffWords()}},
			{Name: "help", Usage: "help [WORD…]", Args: []syntax.Completion{syntax.Topics}},
			{Name: "watch", Usage: "watch STATEMENT", Args: []syntax.Completion{syntax.Statements}},
			{Name: "sh", Usage: "sh NODE", Args: []syntax.Completion{syntax.Nodes}},
			{Name: "trace", Usage: "trace on|off [NODE:IFACE]", Args: []syntax.Completion{syntax.OnOffWords(), syntax.Endpoints}},
			{Name: "undo", Usage: "undo [N]"},
		},
		Variables: []string{"net", "n", "other"},
		Modules:   []string{"std/lan", "std/mesh"},
		Programs: func(prefix string) []string {
			return slices.DeleteFunc([]string{"ping", "ps"}, func(s string) bool { return !strings.HasPrefix(s, prefix) })
		},
		Files: func(prefix string) []string {
			return slices.DeleteFunc([]string{"lab.nsl", "lib/"}, func(s string) bool { return !strings.HasPrefix(s, prefix) })
		},
	}
}

const building = `ns red blue r1 lonely
link red <-> r1 10.0.1.0/24
link r1:up 10.0.2.1/24 <-> blue:eth7 10.0.2.2/24
bridge sw <red blue> 10.0.3.0/24
link red <-> lonely noaddr
serve http r1:80
serve udp r1:53
`

func TestComplete(t *testing.T) {
	world := lab(t, building)
	for text, want := range map[string]string{
		"rou":                                  "route",
		"exec red p":                           "ping ps",
		"exec red ps l":                        "lab.nsl lib/",
		"spawn red l":                          "",
		"expect exec red p":                    "ping ps",
		"defer exec red p":                     "ping ps",
		"ns a; lin":                            "link",
		"for i in 1..3 { brid":                 "bridge",
		"la":                                   "lan",
		"lan r":                                "r1 red",
		"un":                                   "undo",
		"ns x; und":                            "",
		"link ":                                "blue host lonely r1 red sw veth-blue-br veth-red-br",
		"link re":                              "red",
		"link red":                             "red",
		"link red ":                            "<->",
		"link red <-> ":                        "blue host lonely r1 red sw veth-blue-br veth-red-br",
		"link red <-> blue ":                   "auto corrupt delay duplicate jitter like limit loss mac mtu noaddr rate reorder",
		"link red <-> blue mtu 1400 ":          "corrupt delay duplicate jitter like limit loss mac noaddr rate reorder",
		"link red <-> blue rate 1mbit blue: r": "rate reorder",
		"link red <-> blue m":                  "mac mtu",
		"up red:":                              "red:lo red:veth-red red:veth-red-2 red:veth-red-3",
		"up blue:e":                            "blue:eth7",
		"up absent:":                           "",
		"bridge b <red b":                      "blue",
		"bridge b <red\nb":                     "blue",
		"bridge b <red blue> s":                "stp",
		"bridge b <red> stp ":                  "off on",
		"route red ":                           "10.0.2.0/24 blackhole default prohibit unreachable",
		"route red default ":                   "blackhole dev metric mtu onlink prohibit proto src table unreachable via weight",
		"route red default via ":               "10.0.1.2 10.0.3.2 10.0.3.254",
		"route blue default via ":              "10.0.2.1 10.0.3.1 10.0.3.254",
		"route lonely default via ":            "<",
		"route red default via 10.0.1.2 de":    "dev",
		"route red default via 10.0.1.2 dev ":  "lo veth-red veth-red-2 veth-red-3",
		"expect not pi":                        "ping",
		"expect ping red ":                     "->",
		"expect ping r":                        "r1 red",
		"expect ping red -> b":                 "blue",
		"expect ping red -> 10.0.2.":           "10.0.2.1 10.0.2.2",
		"expect ping red -> blue ":             "count df from interval jitter loss rtt size tos ttl within",
		"expect ping red -> blue within ":      "1s 30s 5s",
		"require ping red -> blue loss ":       "< >",
		"defer do":                             "down",
		"defer expect pin":                     "ping",
		"serve h":                              "http",
		"serve http re":                        "red",
		"expect http red -> http://b":          "http://blue/",
		"block re":                             "red",
		"show to":                              "topology",
		"show link":                            "links",
		"show routes re":                       "red",
		"auto ":                                "dual ipv4 ipv6 off",
		"sysctl red net.ipv4.ip_f":             "net.ipv4.ip_forward=",
		"sysctl red net.ipv4.icmp":             "net.ipv4.icmp_ratemask=",
		"del addr red ":                        "10.0.1.1/24 10.0.3.1/24",
		"del addr red:veth-red ":               "10.0.1.1/24",
		"del addr ":                            "blue host lonely r1 red sw veth-blue-br veth-red-br",
		"attach veth-red-br -> ":               "sw",
		"attach red:veth-red -> ":              "",
		"kill ":                                "blue host lonely r1 red",
		"kill r1 ":                             "http:80 udp:53",
		"kill r1 http:80 ":                     "udp:53",
		"kill r1 h":                            "http:80",
		"kill red ":                            "",
		"nat 10.0.1":                           "10.0.1.0/24 10.0.1.1 10.0.1.2",
		"nat 10.0.1.0/24 ":                     "on out to",
		"use std/l":                            "std/lan",
		"use l":                                "lab.nsl lib/",
		"print $n":                             "$n $net",
		"link h${n":                            "h${n h${net",
		"save la":                              "lab.nsl",
		"explain ":                             "off on",
		"help brid":                            "bridge",
		"help expect pi":                       "ping",
		"watch sho":                            "show",
		"watch show neigh re":                  "red",
		"sh l":                                 "lonely",
		"trace on re":                          "red",
		"trace on red:veth-red-":               "red:veth-red-2 red:veth-red-3",
		"# a comment, li":                      "",
		"print \"li":                           "",
		"nonsense ":                            "",
		"link red <-> blue 10.0.0.0/24 nonsense ": "",
	} {
		a := complete.Complete(request(world, text))
		if got := strings.Join(a.Candidates, " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		for _, c := range a.Candidates {
			if !strings.HasPrefix(c, a.Word) || !strings.HasSuffix(text, a.Word) {
				t.Errorf("%q: %q does not continue %q", text, c, a.Word)
			}
		}
	}
}

// The keys of settings are those that the kernel has, level by level: one that is the
// beginning of several is never completed to one of them.
func TestSettingsAreTheKernels(t *testing.T) {
	world := lab(t, building)
	for word, want := range map[string][]string{
		"n":                              {"net."},
		"net.":                           {"net.core.", "net.ipv4.", "net.ipv6."},
		"net.ipv4.ip_f":                  {"net.ipv4.ip_forward=", "net.ipv4.ip_forward_use_pmtu="},
		"net.ipv4.icmp":                  {"net.ipv4.icmp_echo_ignore_all=", "net.ipv4.icmp_echo_ignore_broadcasts=", "net.ipv4.icmp_ratelimit=", "net.ipv4.icmp_ratemask="},
		"net.ipv4.conf.":                 {"net.ipv4.conf.all.", "net.ipv4.conf.default.", "net.ipv4.conf.lo.", "net.ipv4.conf.veth-red."},
		"net.ipv4.conf.veth-red.rp":      {"net.ipv4.conf.veth-red.rp_filter="},
		"net.ipv4.neigh.veth-red.gc_sta": {"net.ipv4.neigh.veth-red.gc_stale_time="},
	} {
		r := request(world, "sysctl red "+word)
		r.Open = os.Open
		got := complete.Complete(r).Candidates
		for _, key := range want {
			if !slices.Contains(got, key) {
				t.Errorf("%s: %q lacks %s", word, got, key)
			}
		}
	}
}

// TestEverywhere completes each beginning of every example: what was typed next
// is among the candidates where any of it is a word of the language or a name of
// the lab, and nothing breaks.
func TestEverywhere(t *testing.T) {
	table := stdlib.Table()
	world := lab(t, building)
	for _, v := range append(table.Verbs(), table.Probes()...) {
		words := append(v.Keywords(), v.Name)
		for _, e := range v.Examples {
			for i := range e.Code {
				r := request(world, e.Code[:i])
				r.Table = table
				a := complete.Complete(r)
				next := strings.FieldsFunc(e.Code[i-len(a.Word):]+" ", func(r rune) bool { return strings.ContainsRune(" \n;<>{}()", r) })
				if len(a.Candidates) == 0 || a.Word == "" || len(next) == 0 {
					continue
				}
				if w := next[0]; w != "else" && slices.Contains(words, w) && !slices.Contains(a.Candidates, w) && len(w) > len(a.Word) {
					t.Errorf("%s: %q offers %q, not %q", v.Name, e.Code[:i], a.Candidates, w)
				}
			}
		}
	}
}

func TestHint(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "",
		"lin":                         "",
		"link":                        "A <-> B [SUBNET|auto] [mtu N] [mac M [M]] [noaddr]",
		"link red":                    "<-> B [SUBNET|auto] [mtu N] [mac M [M]] [noaddr]",
		"link red <-> blue ":          "[SUBNET|auto] [mtu N] [mac M [M]] [noaddr]",
		"link red <-> blue mtu 1400 ": "[mac M [M]] [noaddr]",
		"link red 10.0.0.1/24 ":       "<-> B[:IFACE] ADDR/LEN",
		"route red default ":          "via GATEWAY [dev IFACE [onlink]] [src ADDRESS] [mtu [lock] N] [metric N] [table T] [proto PROTO]",
		"route red default dev ":      "IFACE",
		"expect":                      "[not] PROBE … [within DURATION]",
		"expect not ping red ":        "-> B [count N] [size BYTES] [loss <|> PERCENT] [rtt <|> DURATION]",
		"lan ":                        "NAME MEMBERS [NET]",
		"save ":                       "FILE",
		"ns a; undo":                  "[N]",
	} {
		if got := complete.Hint(request(nil, text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// star is a lab of many nodes around one.
func star(n int) string {
	return fmt.Sprintf("ns hub h${range(%d)}\nbridge hub:br0 <h${range(%d)}> 10.0.0.0/16\n", n, n)
}

// BenchmarkComplete is Tab in a lab of 500 nodes; it is to take less than 50 ms.
func BenchmarkComplete(b *testing.B) {
	world := lab(b, star(500))
	for _, text := range []string{"ro", "link h", "up hub:", "route h7 default via ", "expect ping h1 -> 10.0.", "bridge x <" + strings.Repeat("h9 ", 500)} {
		name, _, _ := strings.Cut(text, "<")
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				if len(complete.Complete(request(world, text)).Candidates) == 0 {
					b.Fatal("no candidates")
				}
			}
			if each := b.Elapsed() / time.Duration(b.N); each > 50*time.Millisecond {
				b.Logf("%v is more than 50 ms", each)
			}
		})
	}
}
