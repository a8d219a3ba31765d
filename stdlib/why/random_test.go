package why_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"nsl/lang/syntax"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
	"nsl/runtime/path"
)

// In each of 100 random labs with one random fault, the walk says of the probe what the
// kernel did, and the reason names the fault.
func TestRandomFaults(t *testing.T) {
	t.Parallel()
	const seed = 14
	randomFaults(t, rand.New(rand.NewPCG(seed, 0)), 100)
}

// The same for 500 others every night.
func TestManyRandomFaults(t *testing.T) {
	labtest.Nightly(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	randomFaults(t, rand.New(rand.NewPCG(seed, 0)), 500)
}

func randomFaults(t *testing.T, r *rand.Rand, n int) {
	labtest.NeedPrograms(t, "ip", "nft", "iptables", "iptables-legacy", "arptables", "ebtables", "tc", "bridge")
	all := drawnFrom(t)
	var advised, held atomic.Int32
	for i := range n {
		d := all[r.IntN(len(all))]
		t.Run(fmt.Sprintf("%d %s, %s", i, d.name, d.lab), func(t *testing.T) {
			t.Parallel()
			d.try(t, &advised, &held)
		})
	}
	t.Cleanup(func() {
		if a, h := advised.Load(), held.Load(); h*10 < a*9 {
			t.Errorf("advice that was followed to its end made %d of %d expectations hold", h, a)
		}
	})
}

// Every fault in every lab; only for who looks for what is not known.
func TestEveryFault(t *testing.T) {
	if os.Getenv("NSL_EVERY_FAULT") == "" {
		t.Skip("only with NSL_EVERY_FAULT=1")
	}
	var advised, held atomic.Int32
	t.Run("all", func(t *testing.T) {
		for _, d := range drawnFrom(t) {
			t.Run(d.name+", "+d.lab, func(t *testing.T) {
				t.Parallel()
				d.try(t, &advised, &held)
			})
		}
	})
	t.Logf("advice made %d of %d expectations hold", held.Load(), advised.Load())
}

// faulty is a lab with a fault in it.
type faulty struct {
	name, lab, script string
	names             string
}

// predicted is the part that runs a lab, and then writes what the walk says of a packet.
const predicted = "predicted"

// predict runs the script, and asks the walk what it asks of the kernel.
func predict(s *engine.Session, tree *syntax.Tree, out io.Writer) error {
	if err := s.Run(context.Background(), tree.Statements); err != nil {
		return err
	}
	var node, dst, proto string
	var port uint16
	var size int
	header, _, _ := strings.Cut(tree.File.Text, "\n")
	if _, err := fmt.Sscanf(header, "# asks %s %s %s %d %d", &node, &dst, &proto, &port, &size); err != nil {
		return err
	}
	p := path.Packet{Dst: netip.MustParseAddr(dst), Proto: proto, DstPort: port, Size: size}
	x := path.Ask(s.World, node, p, "")
	doubts := len(x.Request.Doubts)
	if x.Reply != nil {
		doubts += len(x.Reply.Doubts)
	}
	_, err := fmt.Fprintf(out, "predicted: %v %d\n", x.Answered(), doubts)
	return err
}

// try runs the lab, and compares.
func (d faulty) try(t *testing.T, advised, held *atomic.Int32) {
	r := labs.In(t, predicted, labs.Job{Script: d.script})
	if r.Err != "" {
		t.Errorf("cannot run: %s\n%s\n%s", r.Err, d.script, r.Out)
		return
	}
	answers := strings.Contains(r.Out, "predicted: true")
	if r.Failed == 0 {
		if !answers && !strings.HasSuffix(r.Out, "predicted: false 1\n") {
			t.Errorf("it works, but not by the walk\n%s\n%s", d.script, r.Out)
		}
		return
	}
	named := slices.ContainsFunc(findings(r.Out), regexp.MustCompile("(?i)"+d.names).MatchString)
	if !named {
		t.Errorf("not named: %s\n%s\n%s", d.names, d.script, r.Out)
	}
	followed, holds := followAdvice(t, d.script, r)
	if len(followed) > 0 {
		advised.Add(1)
		if holds {
			held.Add(1)
		} else {
			t.Logf("advice: %s", strings.Join(followed, "; "))
		}
	}
}

// section is a lab, a place in one, or a fault of testdata/faults.txt.
type section struct {
	kind, name string
	// values replace {words}; needs are words that a lab must have or, after "!", not.
	values map[string]string
	needs  []string
	text   string
}

// drawnFrom are all labs with all faults that fit them.
func drawnFrom(t *testing.T) []faulty {
	t.Helper()
	text, err := os.ReadFile("testdata/faults.txt")
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]section{}
	var order []string
	var list []faulty
	for i, part := range strings.Split(string(text), "\n-- ")[1:] {
		switch s := parseSection(part); s.kind {
		case "lab":
			places[s.name] = s
			order = append(order, s.name)
		case "at":
			lab, name := places[s.name], fmt.Sprint(s.name, i)
			values := maps.Clone(lab.values)
			delete(values, "rnext")
			maps.Copy(values, s.values)
			places[name] = section{"lab", name, values, nil, lab.text}
			order = append(order, name)
		case "fault":
			for _, name := range order {
				if d, ok := put(s, places[name]); ok {
					list = append(list, d)
				}
			}
		}
	}
	return list
}

func parseSection(part string) section {
	head, text, _ := strings.Cut(part, "\n")
	kind, rest, _ := strings.Cut(head, ": ")
	name, words, _ := strings.Cut(rest, " |")
	s := section{kind, name, map[string]string{}, nil, text}
	for _, w := range strings.Fields(words) {
		if key, value, ok := strings.Cut(w, "="); ok {
			s.values[key] = strings.ReplaceAll(value, "_", " ")
		} else {
			s.needs = append(s.needs, w)
		}
	}
	return s
}

// ways are what can be asked.
var ways = []string{"tcp", "size", "noserver"}

var word = regexp.MustCompile(`\{[a-z0-9]+\}`)

// put puts a fault into a lab; ok is false where it does not fit.
func put(f, lab section) (d faulty, ok bool) {
	for _, need := range f.needs {
		_, has := lab.values[strings.TrimPrefix(need, "!")]
		if !slices.Contains(ways, need) && has == strings.HasPrefix(need, "!") {
			return d, false
		}
	}
	missing := false
	fill := func(text string) string {
		return word.ReplaceAllStringFunc(text, func(w string) string {
			value, ok := lab.values[strings.Trim(w, "{}")]
			missing = missing || !ok
			return value
		})
	}
	names, text, _ := strings.Cut(fill(f.text), "\n")
	proto, port, size, ask := "icmp", 0, 0, "expect ping {c} -> {sa} within 300ms\n"
	serve := ""
	switch {
	case slices.Contains(f.needs, "tcp"):
		proto, port, ask = "tcp", 80, "expect tcp {c} -> {s}:80 within 300ms\n"
		if !slices.Contains(f.needs, "noserver") {
			serve = "serve http {s}:80\n"
		}
	case slices.Contains(f.needs, "size"):
		size, ask = 1428, "expect ping {c} -> {sa} size 1400 within 300ms\n"
	}
	if strings.Contains(text, "expect ") {
		ask = ""
	}
	script := fill(fmt.Sprintf("# asks {c} {sa} %s %d %d\n", proto, port, size) + lab.text + "\n" + serve + text + "\n" + ask)
	return faulty{name: f.name, lab: lab.name, script: script, names: strings.TrimPrefix(names, "# names: ")}, !missing
}
