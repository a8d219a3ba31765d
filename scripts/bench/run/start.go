package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// A Start is how long short scripts take with and without confinement.
type Start struct {
	// Labels are what the pairs of Results are of: each without confinement (nsl run
	// --trust), and then with it.
	Labels  []string `json:"labels"`
	Results []Result `json:"results"`
}

// programs is how many a script starts, whose time is reported for one.
const programs = 20

// fourLines is the shortest whole lab: two namespaces, one cable, one ping.
const fourLines = "ns red\nns blue\nlink red <-> blue\nexpect ping red -> blue\n"

// raceShort times the shortest runs.
func raceShort(ctx context.Context, o options, dir, floor string) *Race {
	var all []contestant
	if floor != "" {
		all = append(all, contestant{name: floorName, command: func(int) ([]string, error) { return []string{floor, "pairs", "1"}, nil }})
	}
	all = append(all,
		contestant{name: "nsl version", command: func(int) ([]string, error) { return []string{o.nsl, "version"}, nil }},
		contestant{name: "nsl, empty script", command: nslRun(o, dir, "empty", fixed(""))},
		contestant{name: "nsl, four lines", command: nslRun(o, dir, "four", fixed(fourLines))})
	return &Race{Lab: "start", N: 1, Nodes: 2, Results: race(ctx, all, trial{2, 3 * o.rounds, o.patience}, o.quiet)}
}

// raceStart times the script of four lines, and one that starts programs.
func raceStart(ctx context.Context, o options, dir string) *Start {
	s := &Start{Labels: []string{"two nodes and a ping", fmt.Sprintf("one node, %d programs", programs)}}
	scripts := []string{fourLines, "ns red\n" + strings.Repeat("exec red true\n", programs)}
	var all []contestant
	for i, label := range s.Labels {
		for _, flags := range [][]string{{"--trust"}, nil} {
			all = append(all, contestant{name: label, command: nslRun(o, dir, "start-"+strconv.Itoa(i), fixed(scripts[i]), flags...)})
		}
	}
	s.Results = race(ctx, all, trial{2, 3 * o.rounds, o.patience}, o.quiet)
	return s
}

func (s *Start) print(w io.Writer) {
	fmt.Fprintln(w, "\nconfinement: nsl run, and nsl run --trust (ms)")
	rows := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(rows, "\ttrusted\tmin\tconfined\tmin\truns\tdifference\tof the minima\tratio\t")
	for i, label := range s.Labels {
		trusted, confined := s.Results[2*i], s.Results[2*i+1]
		if len(trusted.Seconds) == 0 || len(confined.Seconds) == 0 {
			continue
		}
		a, b := 1e3*trusted.median(), 1e3*confined.median()
		low, lowConfined := 1e3*slices.Min(trusted.Seconds), 1e3*slices.Min(confined.Seconds)
		fmt.Fprintf(rows, "%s\t%.1f\t%.1f\t%.1f\t%.1f\t%d\t%+.2f\t%+.2f\t%.2f\t\n",
			label, a, low, b, lowConfined, len(confined.Seconds), b-a, lowConfined-low, b/a)
	}
	rows.Flush()
	for _, r := range s.Results {
		r.printRemarks(w)
	}
}

// failed are the names of those that failed.
func (s *Start) failed() (names []string) {
	for _, r := range s.Results {
		if r.Failed != "" {
			names = append(names, r.Name)
		}
	}
	return names
}
