package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// testOptions are the flags of test.
type testOptions struct {
	Jobs     int
	Timeout  time.Duration
	Retries  int
	FailFast bool
	NoSkip   bool
	Verbose  bool
	List     bool
	Formats  []string
	Output   string
	Lang     langOptions

	run   string
	shard string
	// pattern is run, and part of parts is shard, once they are read.
	pattern     *regexp.Regexp
	part, parts int
}

func testCommand() *cobra.Command {
	var o testOptions
	c := &cobra.Command{
		Use:   "test [PATH…]",
		Short: "run all scripts that expect something, several at once, and report",
		Long: `Below each PATH (default: here) the files *.nsl are found that hold a test, an
expect or a require; those that only define are modules, not tests. Each is
checked, and runs in a sandbox of its own. They are reported in the order of their
names, whichever ends first.

--run takes the tests whose names match, and the files; what stands outside of
tests is run with them. --shard 2/3 is the second third of the files.

Formats: pretty, tap (TAP 14), junit (JUnit XML), json (JSON lines, docs/report.md),
github (annotations, and the step summary). Several --format X=FILE write several
reports in one run; one without a file goes to standard output, or to -o FILE.

Exit codes: 0 all expectations held, 1 one failed, 2 a script is wrong or there is
nothing to test, 3 this machine cannot do it or a report cannot be written, 130
interrupted. Of several the first in the order 130, 2, 3, 1.`,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := o.read(); err != nil {
				return err
			}
			return done(testScripts(args, o))
		},
	}
	o.flags(c)
	return c
}

func (o *testOptions) flags(c *cobra.Command) {
	o.Lang.flags(c)
	f := c.Flags()
	f.IntVarP(&o.Jobs, "jobs", "j", runtime.NumCPU(), "how many files run at once")
	f.Lookup("jobs").DefValue = "the number of processors"
	f.StringVar(&o.run, "run", "", "only the tests, or files, whose names match this regular expression")
	f.StringVar(&o.shard, "shard", "", "i/n: only the i-th of n parts of the files")
	f.DurationVar(&o.Timeout, "timeout", time.Minute, "how long a file may take; 0 is for ever")
	f.IntVar(&o.Retries, "retries", 0, "how often a file that failed is run again")
	f.BoolVar(&o.FailFast, "fail-fast", false, "start no more files after the first that failed")
	f.BoolVar(&o.NoSkip, "no-skip", false, "a file or test that would be skipped fails")
	f.BoolVarP(&o.Verbose, "verbose", "v", false, "tell each expectation, also those that held")
	f.BoolVar(&o.List, "list", false, "print the files and their tests, and run nothing")
	f.StringArrayVar(&o.Formats, "format", nil, "FORMAT or FORMAT=FILE; may be repeated (default pretty)")
	f.StringVarP(&o.Output, "output", "o", "", "the file for the format that names none")
}

// read reads what flags alone cannot judge.
func (o *testOptions) read() (err error) {
	if o.pattern, err = regexp.Compile(o.run); err != nil {
		return wrongFlag("--run %s: %v", o.run, err)
	}
	o.part, o.parts = 1, 1
	if o.shard != "" {
		i, n, _ := strings.Cut(o.shard, "/")
		var errI, errN error
		o.part, errI = strconv.Atoi(i)
		o.parts, errN = strconv.Atoi(n)
		if errI != nil || errN != nil || o.part < 1 || o.part > o.parts {
			return wrongFlag("--shard %s: write --shard 2/3 for the second of three parts", o.shard)
		}
	}
	switch {
	case o.Jobs < 1:
		return wrongFlag("-j %d: at least one file runs at a time", o.Jobs)
	case o.Retries < 0:
		return wrongFlag("--retries %d: it cannot be negative", o.Retries)
	case o.Timeout < 0:
		return wrongFlag("--timeout %v: it cannot be negative", o.Timeout)
	}
	return nil
}

func wrongFlag(format string, args ...any) error {
	return diag.Errorf("", source.Span{}, format, args...).WithHelp("nsl test --help lists the flags")
}

// testScripts runs the files and returns the exit code.
func testScripts(paths []string, o testOptions) int {
	files, err := findTests(paths, o)
	if err != nil {
		return tell(os.Stderr, nil, colorOn(os.Stderr), err)
	}
	if o.List {
		for _, f := range files {
			fmt.Fprintln(os.Stdout, f.script.Name)
			for _, name := range f.tests {
				fmt.Fprintf(os.Stdout, "  %s\n", name)
			}
		}
		return exitHeld
	}
	return runTests(files, o)
}
