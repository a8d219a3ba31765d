package foreign_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/report"
	"nsl/stdlib"
)

// FuzzLine types any line after the preambles of the verbatim lines.
func FuzzLine(f *testing.F) {
	list, table := verbatims(f), stdlib.Table()
	preambles := preamblesOf(list)
	for _, v := range list {
		f.Add(byte(slices.Index(preambles, v.preamble)), v.line)
	}
	f.Fuzz(func(t *testing.T, n byte, line string) {
		holds(t, table, preambles[int(n)%len(preambles)], line)
	})
}

// TestSpoiltLines types the verbatim lines with words left out, doubled, exchanged and
// replaced by others.
func TestSpoiltLines(t *testing.T) {
	list, table := verbatims(t), stdlib.Table()
	for name, line := range map[string]string{
		"rooms": "ip link add v0 mtu ip type veth peer name v1 mtu 9000", "router": "ip -n pc2 route replace default via exec",
		"switch": "for p in veth-red-br eth1; do ip link set $p master v-net-0; done; ip link set veth-red2 master v-net-0 mtu x",
		"empty":  "ip netns add '{'", "pair": "ip -n red link add vx0 type vxlan",
	} {
		holds(t, table, preambleOf(t, name), line)
	}
	count := 800
	if labtest.IsNightly() {
		count = 30_000
	}
	random := rand.New(rand.NewPCG(15, 0)) //nolint:gosec // chance, not secrets
	words := []string{"", "->", "<->", "<", ">", "{", "}", ";", "'a b'", "'a; b'", `"a
b"`, "''", "-", "--", "-n", "host", "lo", "99999999999999999999", "-1", "::", "0/0", "$x", "*", "é", "dev", "|", "&", "!"}
	for _, v := range list {
		words = append(words, strings.Fields(v.line)...)
	}
	for range count {
		v := list[random.IntN(len(list))]
		line := v.line
		for range 1 + random.IntN(2) {
			line = spoilt(random, line, words)
		}
		holds(t, table, v.preamble, line)
	}
}

// spoilt is a line with one mistake more.
func spoilt(random *rand.Rand, line string, words []string) string {
	list := strings.Split(line, " ")
	i, j := random.IntN(len(list)), random.IntN(len(list))
	switch random.IntN(6) {
	case 0:
		return strings.Join(list[:i], " ")
	case 1:
		list = slices.Delete(list, i, i+1)
	case 2:
		list = slices.Insert(list, i, list[j])
	case 3:
		list[i], list[j] = list[j], list[i]
	case 4:
		list = slices.Insert(list, i, words[random.IntN(len(words))])
	default:
		list[i] = words[random.IntN(len(words))]
	}
	return strings.Join(list, " ")
}

func preamblesOf(list []verbatim) []string {
	var all []string
	for _, v := range list {
		if !slices.Contains(all, v.preamble) {
			all = append(all, v.preamble)
		}
	}
	return all
}

// typed is what a line did.
type typed struct {
	world *labtest.World
	// before is the lab before the last command of the line, which was in nsl what said is.
	before, said string
	broken       []string
	table        *verb.Table
	line         string
}

// holds types a line and holds that each of its commands is done wholly or not at all, that
// each is in nsl as many statements as it says, and that what is wrong is said in words.
func holds(t *testing.T, table *verb.Table, preamble, line string) {
	t.Helper()
	r := &typed{world: labtest.NewWorld(), table: table, line: line}
	timer := time.AfterFunc(time.Minute, func() { panic(fmt.Sprintf("still running: %q", line)) })
	defer timer.Stop()
	synctest.Test(t, func(t *testing.T) { r.run(t, preamble, line) })
	if len(r.broken) > 0 {
		t.Errorf("%s\n%q\nin nsl: %s\n%s", preamble, line, r.said, strings.Join(r.broken, "\n"))
	}
}

func (r *typed) run(t *testing.T, preamble, line string) {
	t.Helper()
	set := &source.Set{}
	tree, before := r.table.Split(set.Add("lab.nsl", line+"\n")), r.table.Split(set.Add("before.nsl", preamble))
	var out bytes.Buffer
	text := diag.Text{Set: set}
	s := engine.NewSession(r.world, r.table, &report.Console{Out: &out, Err: &out, Text: text}, verb.Streams{Out: &out, Err: &out})
	s.Interp.Limits = eval.Limits{Steps: 1000, Depth: 20, List: 200, Text: 1 << 14, Uses: 4, Nodes: 1000, Links: 10_000}
	if err := s.Run(t.Context(), before.Statements); err != nil {
		t.Fatal(err)
	}
	if tree.Diags.HasErrors() {
		return
	}
	s.Interp.Translated = r.translated
	for _, st := range tree.Statements {
		r.before, r.said = r.dump(), ""
		if err := s.Do(t.Context(), st); err != nil {
			r.judge(err)
			return
		}
	}
}

// judge holds that an error is said in words, and that nothing was done of what failed. One
// of the words of a command is found before it is begun.
func (r *typed) judge(err error) {
	list, _ := diag.FromError(err)
	if len(list) == 0 || list[0].Summary == "" || list[0].Code == diag.InternalError {
		r.breaks("no words for %v", err)
		return
	}
	if after := r.dump(); after != r.before && list[0].Code != diag.WrongCommand {
		r.breaks("half done: %v\n%s", list, cmp.Diff(r.before, after))
	}
}

// translated holds what a command is in nsl to be as many statements as it says.
func (r *typed) translated(c verb.Command, tr verb.Translation) {
	r.before, r.said = r.dump(), strings.Join(tr.Statements, "\n")
	for _, st := range tr.Statements {
		tree := r.table.InNSL(st, c)
		if len(tree.Statements) != 1 || tree.Diags.HasErrors() {
			r.breaks("not a statement: %q", st)
			continue
		}
		_, list := r.table.Parse(tree.Statements[0])
		for _, d := range list {
			_, word, _ := strings.Cut(strings.TrimSuffix(d.Summary, `"`), `unexpected "`)
			if d.Code == diag.UnknownVerb || d.Code == diag.Unexpected && !strings.Contains(r.line, word) {
				r.breaks("%q has a word that was not typed: %s", st, d.Summary)
			}
		}
	}
}

func (r *typed) dump() string {
	text, err := labtest.Dump(r.world)
	if err != nil {
		r.breaks("%v", err)
	}
	return text
}

func (r *typed) breaks(format string, args ...any) {
	r.broken = append(r.broken, fmt.Sprintf(format, args...))
}
