// Run measures how long it takes to build labs (a star, pairs, a chain of routers, leaves
// and spines) by nsl, by a C program that does as little as the kernel needs (floor.c), and
// the star also by bash with ip and by ip -batch. Each is timed as a whole process, from
// start to exit, and they take turns, so that what the machine does besides affects all of
// them alike. Then every node of a star asks every other, by nsl, by Mininet's pingAll, and
// by a ping program for each pair; at the end are the shortest runs.
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
	"strconv"
	"strings"
	"syscall"
	"time"
)

// quiet waits until the machine is.
func (o options) quiet(ctx context.Context) bool { return waitQuiet(ctx, o.settle) }

// options are what the command line asks for.
type options struct {
	// sizes are nil for those of each topology; none are measured if skip.
	sizes  []int
	skip   bool
	labs   string
	rounds int
	// mesh is how many nodes ask one another; 0 is none.
	mesh int
	// patience is how long a contestant may take for all its turns at one size.
	patience time.Duration
	// settle is how long to wait for the machine to become quiet, before each turn.
	settle time.Duration
	only   string
	nsl    string
	json   string
	// page is the file whose figures are replaced.
	page string
}

func main() {
	var o options
	sizes := flag.String("n", "", "sizes of the labs, with commas; 0 builds none (of each lab: its own)")
	flag.StringVar(&o.labs, "labs", "", "labs to build, with commas: star, pairs, chain, leaf-spine (all)")
	flag.IntVar(&o.rounds, "rounds", 7, "how often nsl and the floor run; the others run less often at more than 100 members")
	flag.IntVar(&o.mesh, "mesh", 100, "nodes that ask one another, also by Mininet and by ping one by one; 0 leaves it out")
	flag.DurationVar(&o.patience, "deadline", 5*time.Minute, "how long a contestant may take for all its turns at one size")
	flag.DurationVar(&o.settle, "settle", 15*time.Second, "how long to wait before each turn until the machine is quiet, at most")
	flag.StringVar(&o.only, "only", "", "contestants to run, by name with commas (all)")
	flag.StringVar(&o.nsl, "nsl", "bin/nsl", "the nsl to measure")
	flag.StringVar(&o.json, "json", "", "also write the figures to this file")
	flag.StringVar(&o.page, "write", "", "also write the figures into this page: docs/performance.md")
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
		if o.skip = list == "0"; o.skip || list == "" {
			break
		}
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return fmt.Errorf("-n %s: %q is not a size", list, word)
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
	floor, err := compileFloor(ctx, dir)
	if err != nil {
		fmt.Fprintf(os.Stdout, "The floor is left out: %v\n", err)
	}
	if err := report.build(ctx, o, dir, floor); err != nil {
		return err
	}
	if o.mesh > 1 {
		report.Mesh = raceMesh(ctx, o, dir)
		report.Mesh.print(os.Stdout, meshTable(o.mesh, len(report.Mesh.Results) > 1 && limits{neighDefault}.scarce(o.mesh)))
	}
	if selected(o.only, "nsl") {
		report.Short = raceShort(ctx, o, dir, floor)
		report.Short.print(os.Stdout, shortTable())
		report.Start = raceStart(ctx, o, dir)
		report.Start.print(os.Stdout)
	}
	return errors.Join(ctx.Err(), report.write(o.json), report.failed(), report.writePage(ctx, o.page))
}

// build has the races to build a lab.
func (r *Report) build(ctx context.Context, o options, dir, floor string) error {
	for _, t := range topologies() {
		sizes := t.sizes
		if o.sizes != nil {
			sizes = o.sizes
		}
		contestants := t.builders(o, dir, floor)
		if o.skip || !selected(o.labs, t.name) || len(contestants) == 0 {
			continue
		}
		for _, n := range sizes {
			if n > t.most {
				return fmt.Errorf("-n %d: the most is %d for %s", n, t.most, t.name)
			}
			race := Race{Lab: t.name, N: n, Nodes: t.nodes(n), Results: race(ctx, contestants, trial{n, o.rounds, o.patience}, o.quiet)}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			r.Builds = append(r.Builds, race)
			race.print(os.Stdout, buildTable(t, n))
		}
	}
	return nil
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
