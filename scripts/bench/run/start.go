package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
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

// raceStart times the two-node script, and one that starts programs.
func raceStart(ctx context.Context, o options, dir string) *Start {
	s := &Start{Labels: []string{"two nodes and a ping", fmt.Sprintf("one node, %d programs", programs)}}
	scripts := []string{
		"ns red blue\nlink red <-> blue\nexpect ping red -> blue\n",
		"ns red\n" + strings.Repeat("exec red true\n", programs),
	}
	var all []contestant
	for i, label := range s.Labels {
		file := filepath.Join(dir, fmt.Sprintf("start-%d.nsl", i))
		for _, flags := range [][]string{{"--trust"}, nil} {
			all = append(all, contestant{name: label, command: func(int) ([]string, error) {
				return slices.Concat([]string{o.nsl, "run"}, flags, []string{file}), os.WriteFile(file, []byte(scripts[i]), 0o644)
			}})
		}
	}
	s.Results = race(ctx, all, trial{2, 3 * o.rounds, o.patience}, waitQuiet)
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
