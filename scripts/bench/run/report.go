package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"golang.org/x/sys/unix"
)

// A Report is all figures of one run, as the JSON file has them.
type Report struct {
	Machine Machine `json:"machine"`
	Builds  []Race  `json:"builds"`
	// Mesh is how long it takes to ask every pair of a star, without building it.
	Mesh *Race `json:"mesh,omitempty"`
	// Short are the shortest runs; nil when nsl was not among those measured.
	Short *Race `json:"short,omitempty"`
	// Start is nil likewise.
	Start *Start `json:"start,omitempty"`
}

// A Machine is where the figures were taken.
type Machine struct {
	Kernel string `json:"kernel"`
	CPUs   int    `json:"cpus"`
	// CPU is the name of the processor.
	CPU string `json:"cpu"`
}

// A Race is the results of a lab at one size.
type Race struct {
	Lab string `json:"lab"`
	N   int    `json:"n"`
	// Nodes is how many the lab has.
	Nodes   int      `json:"nodes"`
	Results []Result `json:"results"`
	// Absent are the contestants that cannot run here, each with its reason.
	Absent []string `json:"absent,omitempty"`
}

// A Result is one contestant's times at one size.
type Result struct {
	Name    string    `json:"name"`
	Seconds []float64 `json:"seconds"`
	// CPU is the processor time of each turn in seconds; 0 where only a part is timed.
	CPU []float64 `json:"cpu"`
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
	m := Machine{Kernel: "unknown", CPUs: runtime.NumCPU(), CPU: "unknown"}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if found := regexp.MustCompile(`(?m)^model name\s*: (.*)$`).FindSubmatch(text); found != nil {
			m.CPU = string(found[1])
		}
	}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		release, _, _ := bytes.Cut(name.Release[:], []byte{0})
		m.Kernel = string(release)
	}
	return m
}

func (m Machine) print(w io.Writer) {
	fmt.Fprintf(w, "Linux %s, %d CPUs (%s). Whole processes, start to exit; seconds.\n", m.Kernel, m.CPUs, m.CPU)
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

func buildTable(t topology, n int) table {
	return table{title: fmt.Sprintf(t.title, n), share: "ms a node", times: 1e3 / float64(t.nodes(n)), base: floorName}
}

func shortTable() table {
	return table{title: "the shortest runs; the floor makes two nodes and a cable", share: "ms", times: 1e3, base: floorName}
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

func (s Race) print(w io.Writer, t table) {
	fmt.Fprintf(w, "\n%s\n", t.title)
	rows := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(rows, "\tmedian\tmin\tmax\truns\t%s\t× %s\tCPU × %s\t\n", t.share, t.base, t.base)
	for _, r := range s.Results {
		if r.Failed != "" || len(r.Seconds) == 0 {
			continue
		}
		median := r.median()
		time, cpu := s.ratios(r, t.base)
		fmt.Fprintf(rows, "%s\t%.3f\t%.3f\t%.3f\t%d\t%.2f\t%s\t%s\t\n", r.Name, median,
			slices.Min(r.Seconds), slices.Max(r.Seconds), len(r.Seconds), t.times*median, time, cpu)
	}
	rows.Flush()
	for _, r := range s.Results {
		r.printRemarks(w)
	}
	for _, line := range append(s.Absent, t.notes...) {
		fmt.Fprintf(w, "  %s\n", line)
	}
}

// ratios are a result's time, and processor time, as multiples of the base's, if there is one.
func (s Race) ratios(r Result, base string) (time, cpu string) {
	i := slices.IndexFunc(s.Results, func(b Result) bool { return b.Name == base && b.Failed == "" && len(b.Seconds) > 0 })
	if i < 0 {
		return "-", "-"
	}
	return ratio(r.Seconds, s.Results[i].Seconds), ratio(r.CPU, s.Results[i].CPU)
}

// ratio is that of two medians.
func ratio(values, base []float64) string {
	if len(base) == 0 || median(base) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", median(values)/median(base))
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

func (r Result) median() float64 { return median(r.Seconds) }

// median is that of at least one value.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// races are all that were measured.
func (r *Report) races() []Race {
	races := slices.Clone(r.Builds)
	for _, other := range []*Race{r.Mesh, r.Short} {
		if other != nil {
			races = append(races, *other)
		}
	}
	return races
}

// failed is an error that names every contestant that failed.
func (r *Report) failed() error {
	var names []string
	for _, s := range r.races() {
		for _, result := range s.Results {
			if result.Failed != "" {
				names = append(names, fmt.Sprintf("%s at %d", result.Name, s.N))
			}
		}
	}
	if r.Start != nil {
		names = append(names, r.Start.failed()...)
	}
	if names == nil {
		return nil
	}
	return fmt.Errorf("failed: %s", strings.Join(names, "; "))
}
