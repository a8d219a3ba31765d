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
}

// A Result is one contestant's times at one size.
type Result struct {
	Name    string    `json:"name"`
	Seconds []float64 `json:"seconds"`
	// Noisy counts the runs before which the machine did not become quiet.
	Noisy int `json:"noisy,omitempty"`
	// Failed is why there are no further times.
	Failed string `json:"failed,omitempty"`
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

func (s Star) print(w io.Writer, title string) {
	fmt.Fprintf(w, "\n%s\n", title)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tmedian\tmin\tmax\truns\tms a member\t× floor\t")
	for _, r := range s.Results {
		if r.Failed != "" {
			continue
		}
		median := r.median()
		fmt.Fprintf(table, "%s\t%.3f\t%.3f\t%.3f\t%d\t%.2f\t%s\t\n", r.Name, median,
			slices.Min(r.Seconds), slices.Max(r.Seconds), len(r.Seconds), 1000*median/float64(s.N), s.ratio(median))
	}
	table.Flush()
	for _, r := range s.Results {
		r.printRemarks(w)
	}
}

// ratio is a time as a multiple of the floor's, if there is one.
func (s Star) ratio(median float64) string {
	for _, r := range s.Results {
		if r.Name == "floor" && r.Failed == "" {
			return fmt.Sprintf("%.2f", median/r.median())
		}
	}
	return "-"
}

func (r Result) print(w io.Writer) {
	fmt.Fprintln(w)
	if r.Failed == "" {
		fmt.Fprintf(w, "%s: median %.1f ms, min %.1f, max %.1f (%d runs)\n", r.Name, 1000*r.median(),
			1000*slices.Min(r.Seconds), 1000*slices.Max(r.Seconds), len(r.Seconds))
	}
	r.printRemarks(w)
}

func (r Result) printRemarks(w io.Writer) {
	if r.Noisy > 0 {
		fmt.Fprintf(w, "  %s: the machine was busy before %d runs\n", r.Name, r.Noisy)
	}
	if r.Failed != "" {
		fmt.Fprintf(w, "  %s: failed: %s\n", r.Name, r.Failed)
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
	if names == nil {
		return nil
	}
	return fmt.Errorf("failed: %s", strings.Join(names, "; "))
}
