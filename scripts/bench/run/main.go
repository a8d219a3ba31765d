// Run measures how long it takes to build a star (N namespaces on one bridge,
// addresses, all up) by nsl, by raw netlink (the floor), by bash with ip and by
// ip -batch. Each is timed as a whole process, from start to exit, and they
// take turns, so that what the machine does besides hits all of them alike. Then
// every node of a star asks every other, by nsl, by Mininet's pingAll, and by a ping
// program for each pair.
//
// It is run by `make bench`, in the root of the sources, as any user.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options are what the command line asks for.
type options struct {
	sizes  []int
	rounds int
	// mesh is how many nodes ask one another; 0 is none.
	mesh int
	// patience is how long a contestant may take for all its turns at one size.
	patience time.Duration
	only     string
	nsl      string
	json     string
}

func main() {
	var o options
	sizes := flag.String("n", "10,100,500,1000", "members of the star, several sizes with commas; 0 leaves it out")
	flag.IntVar(&o.rounds, "rounds", 7, "how often nsl and the floor run; the others run less often at more than 100 members")
	flag.IntVar(&o.mesh, "mesh", 100, "nodes that ask one another, also by Mininet and by ping one by one; 0 leaves it out")
	flag.DurationVar(&o.patience, "deadline", 5*time.Minute, "how long a contestant may take for all its turns at one size")
	flag.StringVar(&o.only, "only", "", "contestants to run, by name with commas (all)")
	flag.StringVar(&o.nsl, "nsl", "bin/nsl", "the nsl to measure")
	flag.StringVar(&o.json, "json", "", "also write the figures to this file")
	flag.Parse()

	err := parseSizes(*sizes, &o)
	if err == nil {
		err = bench(o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parseSizes(list string, o *options) error {
	for _, word := range strings.Split(list, ",") {
		if list == "0" {
			break
		}
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > 1023 {
			return fmt.Errorf("-n %s: %q is not a number of bridge ports (1 to 1023)", list, word)
		}
		o.sizes = append(o.sizes, n)
	}
	if o.rounds < 1 {
		return fmt.Errorf("-rounds %d: at least one", o.rounds)
	}
	if o.patience <= 0 {
		return fmt.Errorf("-deadline %v: some time", o.patience)
	}
	return nil
}

func bench(o options) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	dir, err := os.MkdirTemp("", "nsl-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	report := Report{Machine: thisMachine()}
	report.Machine.print(os.Stdout)
	if err := report.stars(ctx, o, dir); err != nil {
		return err
	}
	if o.mesh > 1 {
		report.Mesh = raceMesh(ctx, o, dir)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		report.Mesh.print(os.Stdout, meshTable(o.mesh, len(report.Mesh.Results) > 1 && limits{neighDefault}.scarce(o.mesh)))
	}
	if selected(o.only, "nsl") {
		report.Pair = timePair(ctx, o, dir)
		report.Pair.print(os.Stdout)
		report.Start = raceStart(ctx, o, dir)
		report.Start.print(os.Stdout)
	}
	return errors.Join(report.write(o.json), report.failed())
}

// stars are the races to build one.
func (r *Report) stars(ctx context.Context, o options, dir string) error {
	if len(o.sizes) == 0 {
		return nil
	}
	contestants, err := prepare(ctx, o, dir)
	if err != nil {
		return err
	}
	for _, n := range o.sizes {
		star := Star{N: n, Results: race(ctx, contestants, trial{n, o.rounds, o.patience}, waitQuiet)}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.Stars = append(r.Stars, star)
		star.print(os.Stdout, starTable(n))
	}
	return nil
}

// timePair runs the shortest whole lab: two namespaces, one cable, one ping.
func timePair(ctx context.Context, o options, dir string) *Result {
	script := filepath.Join(dir, "pair.nsl")
	text := "ns red\nns blue\nlink red<->blue\nexpect ping red -> blue\n"
	pair := contestant{name: "nsl, 2 namespaces and a ping", command: func(int) ([]string, error) {
		return []string{o.nsl, "run", script}, os.WriteFile(script, []byte(text), 0o644)
	}}
	return &race(ctx, []contestant{pair}, trial{2, 3 * o.rounds, o.patience}, waitQuiet)[0]
}

func (r *Report) write(file string) error {
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
