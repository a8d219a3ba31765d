package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// A new user types what README.md, getting started and the labs of the five tutorials
// have, line by line, on a terminal of 40 columns that knows no escape sequences: every
// line is done, and no line of an answer breaks inside a word.
func TestNewUser(t *testing.T) {
	t.Parallel()
	for name, text := range typedByNewUsers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := promptScreenOf(t, 24, 40, "TERM=dumb")
			for line := range strings.Lines(text) {
				s.answersDumb(strings.TrimRight(line, "\n"))
			}
			s.types("\x04\x04")
			s.mu.Lock()
			defer s.mu.Unlock()
			screen := strings.ReplaceAll(s.text.String(), "\r", "")
			if found := findings.FindString(screen); found != "" || strings.Contains(screen, "\x1b") {
				t.Errorf("%s:\n%s", found, screen)
			}
			for line := range strings.Lines(screen) {
				said := !dumbPrompt.MatchString(line) && strings.Contains(strings.TrimSpace(line), " ")
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); said && n > 40 {
					t.Errorf("%d columns: %s", n, line)
				}
			}
		})
	}
}

// dumbPrompt begins a line that is typed.
var dumbPrompt = regexp.MustCompile(`(?m)^(nsl:\d+>| *\.\.\.) `)

// answersDumb types a line and waits until the next one is asked for. Each prompt is
// drawn once.
func (s *screen) answersDumb(line string) {
	s.t.Helper()
	asked := func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(dumbPrompt.FindAllString(strings.ReplaceAll(s.text.String(), "\r", ""), -1))
	}
	before := asked()
	s.types(line + "\r")
	waitFor(s.t, func() string {
		if asked() > before {
			return ""
		}
		return "nothing is asked for after " + line
	})
}

// typedByNewUsers are the scripts, by their names.
func typedByNewUsers(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	fence := regexp.MustCompile("(?ms)^```nsl run\n(.*?)^```$")
	for _, page := range []string{"README.md", "docs/getting-started.md"} {
		b, err := os.ReadFile("../../" + page)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range fence.FindAllStringSubmatch(string(b), -1) {
			texts[fmt.Sprintf("%s/%d", filepath.Base(page), i+1)] = m[1]
		}
	}
	for _, lab := range []string{"a-two-rooms", "b-switch", "c-through-the-host", "c-to-the-internet", "d-in-from-outside"} {
		b, err := os.ReadFile("../../scripts/labs/" + lab + ".nsl")
		if err != nil {
			t.Fatal(err)
		}
		texts[lab] = string(b)
	}
	if len(texts) < 10 {
		t.Fatalf("only %d texts", len(texts))
	}
	return texts
}
