package lab

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"nsl/lang/diag"
	"nsl/runtime/host"
	"nsl/runtime/keeper"
)

// List writes a table of this user's labs.
func List(w io.Writer) error {
	return keeper.In(func(dir *keeper.Dir) error { return list(w, dir) })
}

const noLabs = "no lab is running; nsl up FILE starts one"

// Names are the labs of this user; none where they cannot be read.
func Names() []string {
	names, _ := labNames() // who completes a word has no use for an error
	return names
}

func labNames() (names []string, err error) {
	err = keeper.In(func(dir *keeper.Dir) (err error) {
		names, err = dir.Names()
		return err
	})
	return names, err
}

// NodeNames are [Nodes], none where they cannot be read.
func NodeNames(name string) []string {
	nodes, _ := Nodes(name) // likewise
	return nodes
}

// runningLabs names this user's labs.
func runningLabs() string {
	names, err := labNames()
	switch {
	case err != nil:
		return ""
	case len(names) == 0:
		return noLabs
	}
	return "running labs: " + someOf(names)
}

func list(w io.Writer, dir *keeper.Dir) error {
	names, err := dir.Names()
	if err != nil {
		return err
	}
	left, err := host.Find()
	if err != nil {
		return err
	}
	if len(names) == 0 && left == nil {
		_, err := fmt.Fprintln(w, noLabs)
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "lab\tnodes\tprograms\tup\tscript")
	for _, name := range names {
		if l, err := dir.Lab(name); err == nil { // else it was taken down meanwhile
			nodes, programs, up := describe(l)
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", name, nodes, programs, up, diag.PlainLine(l.Script))
		}
	}
	if left != nil {
		defer left.Close()
		fmt.Fprintln(table, hostLine(left))
	}
	return table.Flush()
}

// hostLine are the cells of the lab that is on the machine itself.
func hostLine(left *host.Left) string {
	begun := left.Begun()
	up := age(time.Since(begun.Time))
	switch {
	case !left.Built():
		up = "unfinished"
	case left.Unconfirmed():
		up = "until " + begun.Until.Format(time.TimeOnly)
	}
	return fmt.Sprintf("%s\t%d\t-\t%s\t%s (--host)", diag.PlainLine(begun.Name), left.Nodes(), up, diag.PlainLine(begun.Script))
}

// describe are the cells of a lab.
func describe(l *keeper.Lab) (nodes, programs, up string) {
	up = age(time.Since(l.Since))
	c, err := l.Dial()
	if err == nil {
		defer c.Close()
		var s Status
		if s, err = (Client{Conn: c}).Status(); err == nil {
			return strconv.Itoa(len(s.Nodes)), strconv.Itoa(s.Programs), up
		}
	}
	list, _ := diag.FromError(err)
	switch {
	case len(list) > 0 && list[0].Code == diag.DeadLab:
		up = "dead"
	case len(list) > 0 && list[0].Code == diag.OtherVersion:
		up += " (another nsl)"
	default:
		up += " (no answer)"
	}
	return "-", "-", up
}

// age is a duration as people say it.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}
