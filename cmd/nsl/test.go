//go:build linux && !nolabs

package main

import (
	"cmp"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/runtime/lab"
	"nsl/runtime/report"
)

// testOptions are the flags of test.
type testOptions struct {
	lab.TestOptions
	shard string
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

--run takes the tests whose names match, and the files; what is outside of
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
			o.Reports.Tool = "nsl " + version
			return done(setup().TestFiles(args, o.TestOptions))
		},
	}
	o.flags(c)
	return c
}

func (o *testOptions) flags(c *cobra.Command) {
	scriptFlags(c, &o.Script)
	accessFlags(c, &o.Access)
	f := c.Flags()
	f.IntVarP(&o.Suite.Jobs, "jobs", "j", runtime.NumCPU(), "how many files run at once")
	f.Lookup("jobs").DefValue = "the number of processors"
	f.StringVar(&o.Run, "run", "", "only the tests, or files, whose names match this regular expression")
	f.StringVar(&o.shard, "shard", "", "i/n: only the i-th of n parts of the files")
	f.DurationVar(&o.Suite.Timeout, "timeout", time.Minute, "how long a file may take; 0 is no limit")
	f.IntVar(&o.Suite.Retries, "retries", 0, "how often a file that failed is run again")
	f.BoolVar(&o.Suite.FailFast, "fail-fast", false, "start no more files after the first that failed")
	f.BoolVar(&o.NoSkip, "no-skip", false, "a file or test that would be skipped fails")
	f.BoolVarP(&o.Reports.Verbose, "verbose", "v", false, "print each expectation, also those that held")
	f.BoolVar(&o.List, "list", false, "print the files and their tests, and run nothing")
	f.StringArrayVar(&o.Reports.Formats, "format", nil, "FORMAT or FORMAT=FILE; may be repeated (default pretty)")
	f.StringVarP(&o.Reports.Output, "output", "o", "", "the file for the format that names none")
}

// read reads what flags alone cannot judge.
func (o *testOptions) read() error {
	for _, word := range o.Reports.Formats {
		format, _, _ := strings.Cut(word, "=")
		if err := diag.OneOf("format", format, report.Formats()); err != nil {
			return err
		}
	}
	return cmp.Or(o.Selection.SetRun(o.Run), o.Selection.SetShard(o.shard), o.Suite.Check())
}
