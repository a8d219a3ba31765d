package suite

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// Check reports a value that a suite cannot have, in the words of the flags of nsl test.
func (s Suite) Check() error {
	switch {
	case s.Jobs < 1:
		return WrongFlag("-j %d: at least one file runs at a time", s.Jobs)
	case s.Retries < 0:
		return WrongFlag("--retries %d: it cannot be negative", s.Retries)
	case s.Timeout < 0:
		return WrongFlag("--timeout %v: it cannot be negative", s.Timeout)
	}
	return nil
}

// SetRun reads a regular expression; "" is all.
func (s *Selection) SetRun(text string) (err error) {
	if text == "" {
		return nil
	}
	if s.Run, err = regexp.Compile(text); err != nil {
		return WrongFlag("--run %s: %v", text, err)
	}
	return nil
}

// SetShard reads "2/3", the second of three parts of the files; "" is all.
func (s *Selection) SetShard(text string) error {
	if text == "" {
		return nil
	}
	i, n, _ := strings.Cut(text, "/")
	var errI, errN error
	s.Part, errI = strconv.Atoi(i)
	s.Parts, errN = strconv.Atoi(n)
	if errI != nil || errN != nil || s.Part < 1 || s.Part > s.Parts {
		return WrongFlag("--shard %s: write --shard 2/3 for the second of three parts", text)
	}
	return nil
}

// WrongFlag is the error of a flag of nsl test.
func WrongFlag(format string, args ...any) error {
	return diag.Errorf("", source.Span{}, format, args...).WithHelp("nsl test --help lists the flags")
}

// List prints the names of files and of their tests.
func List(w io.Writer, files []File) {
	for _, f := range files {
		fmt.Fprintln(w, diag.PlainLine(f.Script.Name))
		for _, name := range f.Tests {
			fmt.Fprintf(w, "  %s\n", diag.PlainLine(name))
		}
	}
}
