package why_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// Each lab of testdata/broken has one fault, which its header describes:
//
//	# fault: the cause, in words
//	# names: what an explanation of that cause matches, a regular expression
//	# never: what would be false or harmful here
//	# needs: a feature of the kernel, as nsl doctor names it
//	# slow: yes, for a lab that only nightly runs
//	# programs: programs that the script runs besides ip
//	# cause: FAMILY PLACE: title, for a lab that docs/why.md shows, and its place there
//	# says: a line of the explanation, word for word, as that page has it; one for each
//
// What is matched are the headline of each finding, and up to three of the lines below
// it, joined; not the statement that is quoted.
func TestBrokenLabs(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/broken/*.nsl")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".nsl"), func(t *testing.T) {
			t.Parallel()
			broken(t, file)
		})
	}
}

func broken(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if header(text, "slow") != "" {
		labtest.Nightly(t)
	}
	labtest.NeedPrograms(t, append([]string{"ip"}, strings.Fields(header(text, "programs"))...)...)
	first := labs.Do(t, labs.Job{Script: string(text)})
	out := first.Out
	labtest.Needs(t, header(text, "needs"), out)
	names, never := header(text, "names"), header(text, "never")
	named := false
	for _, said := range findings(out) {
		if never != "" && regexp.MustCompile("(?i)"+never).MatchString(said) {
			t.Errorf("%s\nsaid: %s\n%s", header(text, "fault"), said, out)
		}
		named = named || regexp.MustCompile("(?i)"+names).MatchString(said)
	}
	if !named {
		t.Errorf("not named: %s\n%s", header(text, "fault"), out)
	}
	for _, line := range headers(text, "says") {
		if !strings.Contains(out, "\n    "+line+"\n") {
			t.Errorf("not said, but in docs/why.md: %s\n%s", line, out)
		}
	}
	followAdvice(t, string(text), first)
}

// header is what the comments that a lab begins with say under a name.
func header(text []byte, name string) string {
	return strings.Join(headers(text, name), " ")
}

// headers are the lines of that name, in their order.
func headers(text []byte, name string) []string {
	var list []string
	for line := range bytes.Lines(text) {
		if value, ok := bytes.CutPrefix(line, []byte("# "+name+": ")); ok {
			list = append(list, strings.TrimSpace(string(value)))
		}
	}
	return list
}

// headline begins a finding.
var headline = regexp.MustCompile(`^[^ ]*:\d+:\d+: `)

// findings are the headlines, and of the lines below each one, two and three in a row.
func findings(out string) []string {
	var list, below []string
	flush := func() {
		for i := range below {
			for n := 1; n <= 3 && i+n <= len(below); n++ {
				list = append(list, strings.Join(below[i:i+n], " "))
			}
		}
		below = nil
	}
	lines := strings.Split(out, "\n")
	for i, line := range lines {
		quoted := strings.Trim(line, " ^") == "" || i+1 < len(lines) && strings.Contains(lines[i+1], "^") && strings.Trim(lines[i+1], " ^") == ""
		switch {
		case headline.MatchString(line):
			flush()
			list = append(list, headline.ReplaceAllString(line, ""))
		case quoted || strings.HasPrefix(strings.TrimSpace(line), "tried "):
		case strings.HasPrefix(line, " ") && len(list) > 0:
			below = append(below, strings.TrimSpace(line))
		}
	}
	flush()
	return list
}
