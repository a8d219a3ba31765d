package why_test

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"nsl/lang/syntax"
	"nsl/runtime/engine"
	"nsl/runtime/labtest/labs"
	"nsl/runtime/plan"
)

// timed is the part of [timeLast], and watching that of [timeWatching].
const timed, watching = "timed", "watching"

// timeLast runs a lab, and its last statement again some times: what it writes last is how
// long that took at best.
func timeLast(s *engine.Session, tree *syntax.Tree, out io.Writer) error {
	ctx := context.Background()
	if err := s.Run(ctx, tree.Statements); err != nil {
		return err
	}
	last := tree.Statements[len(tree.Statements)-1:]
	return best(out, func() (time.Duration, error) {
		start := time.Now()
		err := s.Run(ctx, last)
		return time.Since(start), err
	})
}

// timeWatching does the same with the time until all nodes of a lab are watched.
func timeWatching(s *engine.Session, tree *syntax.Tree, out io.Writer) error {
	ctx := context.Background()
	if err := s.Run(ctx, tree.Statements); err != nil {
		return err
	}
	nodes, err := s.World.Nodes()
	if err != nil {
		return err
	}
	return best(out, func() (took time.Duration, err error) {
		start := time.Now()
		_, err = s.World.(plan.Watcher).Watch(ctx, nodes, func() error {
			took = time.Since(start)
			return nil
		})
		return took, err
	})
}

// best writes the shortest of some times, in ms.
func best(out io.Writer, measure func() (time.Duration, error)) error {
	least := time.Hour
	for range 10 {
		took, err := measure()
		if err != nil {
			return err
		}
		least = min(least, took)
	}
	_, err := fmt.Fprintf(out, "\n%.1f", least.Seconds()*1000)
	return err
}

// star is a bridge with n nodes, and a router to a server.
func star(n int) string {
	var b strings.Builder
	b.WriteString("ns r1 r2 srv\nbridge r1:lan noaddr\naddr r1:lan 10.1.255.254/16\n")
	for i := range n - 3 {
		fmt.Fprintf(&b, "ns h%d\nlink h%[1]d:eth0 <-> r1:p%[1]d noaddr\nattach r1:p%[1]d -> r1:lan\naddr h%[1]d 10.1.%d.%d/16\nroute h%[1]d default via 10.1.255.254\n", i, i/200, i%200+1)
	}
	b.WriteString("link r1:up 10.2.0.1/24 <-> r2:up 10.2.0.2/24\nlink r2:srv 10.3.0.1/24 <-> srv:eth0 10.3.0.2/24\nforward r1\nforward r2\n" +
		"route r1 default via 10.2.0.2\nroute r2 default via 10.2.0.1\nroute srv default via 10.3.0.1\n")
	return b.String()
}

// BenchmarkReasons measures what a failed expectation costs in a lab of 100 nodes, with the 20
// ms that it waits for an answer, and how long it takes to watch 250 nodes.
func BenchmarkReasons(b *testing.B) {
	const expectation = "expect ping h5 -> srv within 20ms\n"
	for _, c := range []struct {
		name, part, script string
	}{
		{"a rule", timed, star(100) + "block h5 -> srv on r2\n" + expectation},
		{"no route back", timed, star(100) + "del route srv default\n" + expectation},
		{"what the kernel counts", timed, star(100) + "sysctl srv net.ipv4.ipfrag_low_thresh=0\nsysctl srv net.ipv4.ipfrag_high_thresh=0\n" +
			"expect ping h5 -> srv size 4000 within 20ms\n"},
		{"watching", watching, star(250)},
	} {
		b.Run(c.name, func(b *testing.B) {
			least := 0.0
			for b.Loop() {
				out := labs.In(b, c.part, labs.Job{Script: c.script}).Out
				ms, err := strconv.ParseFloat(out[strings.LastIndex(out, "\n")+1:], 64)
				if err != nil {
					b.Fatal(err, out)
				}
				if least == 0 || ms < least {
					least = ms
				}
			}
			b.ReportMetric(least, "ms")
		})
	}
}
