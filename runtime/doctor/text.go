package doctor

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"

	"golang.org/x/sys/unix"

	"nsl/runtime/sandbox/confine"
)

// limit is a number of this machine that bounds a lab.
type limit struct {
	Name, Value string
	// Need says what it bounds.
	Need string
	// Fix is set when the value is too low for a class or a large lab.
	Fix string `json:",omitempty"`
}

// limits are read, not tried.
func limits() []limit {
	var files unix.Rlimit
	_ = unix.Getrlimit(unix.RLIMIT_NOFILE, &files)
	list := []limit{
		sysctlLimit("user.max_user_namespaces", "sandboxes at a time, of each user", 64),
		sysctlLimit("user.max_net_namespaces", "nodes at a time, of each user", 1100),
		{Name: "RLIMIT_NOFILE", Value: strconv.FormatUint(files.Max, 10), Need: "open files (ulimit -Hn)"},
		sysctlLimit("net.ipv4.neigh.default.gc_thresh3", "IPv4 neighbours, of all nodes together: a full mesh of 30 nodes has 870", 1024),
		sysctlLimit("net.ipv6.neigh.default.gc_thresh3", "IPv6 neighbours, likewise", 1024),
	}
	if files.Max < 1024 {
		list[2].Fix = "raise it: ulimit -n 4096, or LimitNOFILE= of the service"
	}
	return list
}

// programsFlag is that of the limit which not every kernel has.
const programsFlag = "max-programs"

// labLimits are the limits of a lab, with what of them does not hold here.
func labLimits(bounds []LabLimit) []LabLimit {
	var list []LabLimit
	for _, l := range bounds {
		if strings.Contains(l.Name, programsFlag) && !confine.CountsPrograms() {
			l.Missing = "before Linux 5.14 the kernel counts all processes of the user"
		}
		list = append(list, l)
	}
	return append(list,
		LabLimit{Name: "files of the lab", Need: "512 MiB, in memory"},
		LabLimit{Name: "memory of all programs together", Missing: "each program has its limit, and their number"})
}

// sysctlLimit reads a setting that should be least at least.
func sysctlLimit(key, need string, least int) limit {
	l := limit{Name: key, Need: need, Value: "not there"}
	b, err := os.ReadFile("/proc/sys/" + strings.ReplaceAll(key, ".", "/"))
	if err != nil {
		return l
	}
	l.Value = strings.TrimSpace(string(b))
	if n, err := strconv.Atoi(l.Value); err == nil && n < least {
		l.Fix = fmt.Sprintf("raise it: sudo sysctl -w %s=%d", key, 4*least)
	}
	return l
}

func yes(have bool) string {
	if have {
		return "yes"
	}
	return "no"
}

// text is the diagnosis for people.
func (d *Diagnosis) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Linux %s on %s, user ID %d%s\n", d.Machine.Kernel, runtime.GOARCH, d.Machine.UID, d.surroundings())
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	d.sandboxRows(w)
	d.layerRows(w)
	d.featureRows(w)
	d.limitRows(w)
	d.labLimitRows(w)
	_ = w.Flush()
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "\nnote: %s\n", n)
	}
	d.fixes(&b)
	b.WriteString("\n" + d.summary() + "\n")
	return b.String()
}

func (d *Diagnosis) surroundings() string {
	text := ""
	if d.Machine.Container != "" {
		text += ", in a container (" + d.Machine.Container + ")"
	}
	if d.Machine.AppArmor != "" {
		text += ", confined by AppArmor (" + d.Machine.AppArmor + ")"
	}
	return text
}

func (d *Diagnosis) sandboxRows(w *tabwriter.Writer) {
	fmt.Fprint(w, "\nsandbox\n")
	failed := false
	for _, t := range d.Tries {
		failed = failed || t.Error != ""
	}
	for _, t := range d.Tries {
		if failed {
			fmt.Fprintf(w, "  %s\t%s namespaces\t%s\n", yes(t.Error == ""), t.Kinds, t.Error)
		}
	}
	switch {
	case d.Sandbox != nil:
		fmt.Fprintf(w, "  no\tsandbox\t%s\n", d.Sandbox.Why)
	case failed:
		fmt.Fprint(w, "  yes\tsandbox\tfor root only: it needs no user namespace\n")
	default:
		fmt.Fprint(w, "  yes\tsandbox\tscripts run in it, apart from this machine\n")
	}
}

// layerRows are what keeps programs from the machine, beside the sandbox.
func (d *Diagnosis) layerRows(w *tabwriter.Writer) {
	fmt.Fprint(w, "\nconfinement\n  yes\trights\tprograms keep those of network tools, and gain no others\n")
	for _, l := range d.Layers {
		note := l.For
		if l.Missing != "" {
			note = "the kernel lacks " + l.Missing + ": " + note
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", yes(l.Missing == ""), l.Name, note)
	}
}

func (d *Diagnosis) featureRows(w *tabwriter.Writer) {
	group := ""
	for _, f := range d.Features {
		if f.Group != group {
			group = f.Group
			fmt.Fprintf(w, "\n%s\n", group)
		}
		note := f.Need
		if !f.Have {
			note = strings.TrimPrefix(note+": "+f.Cause, ": ")
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", yes(f.Have), f.Name, note)
	}
}

func (d *Diagnosis) limitRows(w *tabwriter.Writer) {
	fmt.Fprint(w, "\nlimits\n")
	for _, l := range d.Limits {
		verdict := "ok"
		if l.Fix != "" {
			verdict = "low"
		}
		fmt.Fprintf(w, "  %s\t%s = %s\t%s\n", verdict, l.Name, l.Value, l.Need)
	}
}

func (d *Diagnosis) labLimitRows(w *tabwriter.Writer) {
	fmt.Fprint(w, "\nlimits of a lab\n")
	for _, l := range d.LabLimits {
		note := l.Need
		if l.Missing != "" {
			note = strings.TrimPrefix(note+": not bounded: "+l.Missing, ": ")
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", yes(l.Missing == ""), l.Name, note)
	}
}

// fixes writes what to do, each remedy once with all that it brings.
func (d *Diagnosis) fixes(b *strings.Builder) {
	var order []string
	names := map[string][]string{}
	add := func(fix, name string) {
		if fix != "" && len(names[fix]) == 0 {
			order = append(order, fix)
		}
		names[fix] = append(names[fix], name)
	}
	if d.Sandbox != nil {
		add(d.Sandbox.Fix, "a sandbox")
	}
	for _, f := range d.Features {
		add(f.Fix, f.Name)
	}
	for _, l := range d.Limits {
		add(l.Fix, "a larger "+l.Name)
	}
	for i, fix := range order {
		if i == 0 {
			b.WriteString("\nwhat to do\n")
			b.WriteString(d.whose())
		}
		fmt.Fprintf(b, "  for %s:\n", strings.Join(names[fix], ", "))
		for line := range strings.Lines(fix) {
			fmt.Fprintf(b, "    %s\n", strings.TrimRight(line, "\n"))
		}
	}
}

// whose says where the kernel of a container can be fixed.
func (d *Diagnosis) whose() string {
	if d.Machine.Container == "" {
		return ""
	}
	return "  A container has the kernel of the machine that it runs on: see to it there.\n"
}

// summary is what a teacher wants to know: which labs will not run.
func (d *Diagnosis) summary() string {
	var lacking []string
	for _, f := range d.Features {
		if !f.Have {
			lacking = append(lacking, f.Name)
		}
	}
	switch {
	case d.Sandbox != nil:
		return "No lab runs here: a sandbox cannot be made."
	case !d.Works():
		return "No lab runs here: it lacks " + strings.Join(lacking, ", ") + "."
	case len(lacking) == 0:
		return "Everything is there: all labs run."
	}
	text := "Labs of nodes, cables and bridges run here"
	if d.has("nftables") && d.has("masquerade") {
		text = "Labs of nodes, cables, bridges and NAT run here: all of scripts/labs."
	} else {
		text += "; those with nat do not: bridge-and-nat, c-through-the-host, d-in-from-outside."
	}
	return text + "\nWhat needs " + strings.Join(lacking, ", ") + " does not: nsl says so and stops with exit code 3."
}

func (d *Diagnosis) has(name string) bool {
	for _, f := range d.Features {
		if f.Name == name {
			return f.Have
		}
	}
	return false
}
