package main

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"golang.org/x/sys/unix"
)

// A Report is all figures of one run, as the JSON file has them.
type Report struct {
	Machine Machine `json:"machine"`
	Stars   []Star  `json:"stars"`
	// Mesh is how long it takes to ask every pair of a star, without building it.
	Mesh *Star `json:"mesh,omitempty"`
	// Pair is nil when nsl was not among those measured.
	Pair *Result `json:"pair,omitempty"`
	// Start is nil likewise.
	Start *Start `json:"start,omitempty"`
}

// A Machine is where the figures were taken.
type Machine struct {
	Kernel string `json:"kernel"`
	CPUs   int    `json:"cpus"`
}

// A Star is the results at one size.
type Star struct {
	N       int      `json:"n"`
	Results []Result `json:"results"`
	// Absent are the contestants that cannot run here, each with its reason.
	Absent []string `json:"absent,omitempty"`
}

// A Result is one contestant's times at one size.
type Result struct {
	Name    string    `json:"name"`
	Seconds []float64 `json:"seconds"`
	// Noisy counts the runs before which the machine did not become quiet.
	Noisy int `json:"noisy,omitempty"`
	// Lost is how many pings had no reply; each takes up to a second.
	Lost int `json:"lost,omitempty"`
	// Failed is why there are no times that count.
	Failed string `json:"failed,omitempty"`
	// Cut is why there are no further times.
	Cut string `json:"cut,omitempty"`
}

func thisMachine() Machine {
	m := Machine{Kernel: "unknown", CPUs: runtime.NumCPU()}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		release, _, _ := bytes.Cut(name.Release[:], []byte{0})
		m.Kernel = string(release)
	}
	return m
}

func (m Machine) print(w io.Writer) {
	fmt.Fprintf(w, "Linux %s, %d CPUs. Whole processes, start to exit; seconds.\n", m.Kernel, m.CPUs)
}

// table is how the results at one size are shown.
type table struct {
	title string
	// share is the name of what one of many takes, which a second is times of.
	share string
	times float64
	// base is the contestant that the others are compared with.
	base  string
	notes []string
}

func starTable(n int) table {
	return table{title: fmt.Sprintf("star of %d", n), share: "ms a member", times: 1e3 / float64(n), base: "floor"}
}

// meshTable is of n nodes; raised reports that for some of the contestants the
// machine's table of neighbours was made larger.
func meshTable(n int, raised bool) table {
	pings := n * (n - 1)
	t := table{title: fmt.Sprintf("full mesh of %d: %d pings, without building it", n, pings),
		share: "µs a ping", times: 1e6 / float64(pings), base: "nsl"}
	if raised {
		t.notes = []string{"nsl gets on with the machine's own net.ipv4.neigh.default.gc_thresh1 to 3; for the others",
			"they are at " + strings.Join(roomy[:], ", ") + " meanwhile, as Mininet sets them where it may"}
	}
	return t
}

func (s Star) print(w io.Writer, t table) {
	fmt.Fprintf(w, "\n%s\n", t.title)
	rows := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(rows, "\tmedian\tmin\tmax\truns\t%s\t× %s\t\n", t.share, t.base)
	for _, r := range s.Results {
		if r.Failed != "" || len(r.Seconds) == 0 {
			continue
		}
		median := r.median()
		fmt.Fprintf(rows, "%s\t%.3f\t%.3f\t%.3f\t%d\t%.2f\t%s\t\n", r.Name, median,
			slices.Min(r.Seconds), slices.Max(r.Seconds), len(r.Seconds), t.times*median, s.ratio(median, t.base))
	}
	rows.Flush()
	for _, r := range s.Results {
		r.printRemarks(w)
	}
	for _, line := range append(s.Absent, t.notes...) {
		fmt.Fprintf(w, "  %s\n", line)
	}
}

// ratio is a time as a multiple of the base's, if there is one.
func (s Star) ratio(median float64, base string) string {
	for _, r := range s.Results {
		if r.Name == base && r.Failed == "" && len(r.Seconds) > 0 {
			return fmt.Sprintf("%.2f", median/r.median())
		}
	}
	return "-"
}

func (r Result) print(w io.Writer) {
	fmt.Fprintln(w)
	if r.Failed == "" && len(r.Seconds) > 0 {
		fmt.Fprintf(w, "%s: median %.1f ms, min %.1f, max %.1f (%d runs)\n", r.Name, 1000*r.median(),
			1000*slices.Min(r.Seconds), 1000*slices.Max(r.Seconds), len(r.Seconds))
	}
	r.printRemarks(w)
}

func (r Result) printRemarks(w io.Writer) {
	if r.Noisy > 0 {
		fmt.Fprintf(w, "  %s: the machine was busy before %d runs\n", r.Name, r.Noisy)
	}
	if r.Lost > 0 {
		fmt.Fprintf(w, "  %s: %d pings had no reply\n", r.Name, r.Lost)
	}
	if r.Failed != "" {
		fmt.Fprintf(w, "  %s: failed: %s\n", r.Name, r.Failed)
	}
	if r.Cut != "" {
		fmt.Fprintf(w, "  %s: %s\n", r.Name, r.Cut)
	}
}

// median of at least one time.
func (r Result) median() float64 {
	sorted := slices.Sorted(slices.Values(r.Seconds))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// failed is an error that names every contestant that failed.
func (r *Report) failed() error {
	var names []string
	stars := r.Stars
	if r.Mesh != nil {
		stars = append(slices.Clone(stars), *r.Mesh)
	}
	for _, s := range stars {
		for _, result := range s.Results {
			if result.Failed != "" {
				names = append(names, fmt.Sprintf("%s at %d", result.Name, s.N))
			}
		}
	}
	if r.Pair != nil && r.Pair.Failed != "" {
		names = append(names, r.Pair.Name)
	}
	if r.Start != nil {
		names = append(names, r.Start.failed()...)
	}
	if names == nil {
		return nil
	}
	return fmt.Errorf("failed: %s", strings.Join(names, "; "))
}
