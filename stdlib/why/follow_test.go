package why_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nsl/runtime/labtest/labs"
)

// An address outside that no node has is the business of internet, and what is missing
// then is named step by step.
func TestTheOutsideIsNamed(t *testing.T) {
	t.Parallel()
	const lan = "ns red blue\nbridge v-net-0 <red blue> 192.168.15.0/24\n"
	for name, script := range map[string]string{
		"nat":     lan + "nat 192.168.15.0/24\nexpect ping blue -> 8.8.8.8\n",
		"no nat":  lan + "expect ping blue -> 1.1.1.1\n",
		"another": lan + "nat 192.168.15.0/24\nexpect ping blue -> 9.9.9.9\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if followed, held := followAdvice(t, script, labs.Do(t, labs.Job{Script: script})); !held || !slices.ContainsFunc(followed, func(s string) bool { return strings.HasPrefix(s, "internet") }) {
				t.Errorf("held: %v, after:\n%s", held, strings.Join(followed, "\n"))
			}
		})
	}
	script := lan + "nat 192.168.15.0/24\ninternet\nexpect ping blue -> 9.9.9.9\n"
	if followed, held := followAdvice(t, script, labs.Do(t, labs.Job{Script: script})); held || len(followed) > 0 {
		t.Errorf("what internet has already is proposed: %s", followed)
	}
}

// followAdvice does what is proposed, up to five times, until all is held or nothing is
// proposed; r is the first run. No advice comes twice.
func followAdvice(t *testing.T, script string, r labs.Result) (followed []string, held bool) {
	for range 6 {
		if r.Failed == 0 && r.Err == "" {
			return followed, true
		}
		line, next := nextAdvice(script, r.Out)
		if len(next) == 0 {
			return followed, false
		}
		for _, s := range next {
			if slices.Contains(followed, s) {
				t.Errorf("%q is proposed again after:\n%s\n%s", s, strings.Join(followed, "\n"), r.Out)
				return followed, false
			}
		}
		followed = append(followed, next...)
		script = strings.Join(slices.Insert(strings.Split(script, "\n"), line-1, next...), "\n")
		if r.Fixed != script && !strings.HasPrefix(next[0], "exec ") {
			t.Errorf("proposed is %q, and the edit is another:\n%s", next, r.Fixed)
		}
		r = labs.Do(t, labs.Job{Script: script})
	}
	t.Errorf("there is no end to it:\n%s", strings.Join(followed, "\n"))
	return followed, false
}

var (
	failedAt = regexp.MustCompile(`^lab\.nsl:(\d+):\d+: failed`)
	// placeholder is what a reader has to fill in, or a command that only looks.
	placeholder = regexp.MustCompile(`…|\b[A-Z]{4,}\b| list ruleset| show\b| -S$`)
)

// nextAdvice are the first statements that are proposed, and the line of the
// expectation that they are for. A reason may end with a statement of the script.
func nextAdvice(script, out string) (line int, statements []string) {
	for text := range strings.Lines(out) {
		if m := failedAt.FindStringSubmatch(text); m != nil {
			line, _ = strconv.Atoi(m[1])
		}
		next := proposed(strings.TrimSpace(text))
		if line > 0 && len(next) > 0 && !strings.Contains("\n"+script, "\n"+next[0]) && !strings.Contains(text, "failed: ") && !placeholder.MatchString(strings.TrimSpace(text)) {
			return line, next
		}
	}
	return line, nil
}
