package main

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// On a terminal of 40 columns no line that nsl prints breaks inside a word, and what is
// longer than the screen is shown page by page.
func TestNarrowTerminal(t *testing.T) {
	s, _ := promptScreenOf(t, 20, 40)
	s.answers("ns red blue", "nsl:2> ")
	s.answers("link red <-> blue", "nsl:2> ")
	s.answers("show", "nsl:2> ")
	s.answers("show routes", "nsl:2> ")
	s.answers("lnk red <-> blue", "nsl:2> ")
	s.answers("link red:veth-red-with-long-name <-> bleu", "nsl:2> ")
	s.types("expect not ping red -> blue within 10ms\r")
	s.shows("[NSL091]")
	s.asks("nsl:2> ")
	s.answers("explain on", "nsl:2> ")
	s.answers("nat 192.168.15.0/24 on red", "nsl:2> ")
	s.types("help ping\r")
	s.shows("; q ends -- ")
	s.types("\r")
	s.shows("; q ends -- ")
	s.types("q\r")
	s.asks("nsl:2> ")
	s.types("help\r")
	s.shows("; q ends -- ")
	s.types("\r")
	s.shows("A line about each: help all")
	for !strings.HasPrefix(s.lastLine(), "nsl:2>") {
		s.types("\r")
		s.shows("\n")
	}
	s.leaves()
	s.mu.Lock()
	defer s.mu.Unlock()
	plain := regexp.MustCompile(`\x1b(\[[0-9;?]*[A-Za-z]|[78])`).ReplaceAllString(s.text.String(), "")
	for line := range strings.SplitSeq(plain, "\r\n") {
		line = line[strings.LastIndex(line, "\r")+1:]
		typed := strings.HasPrefix(line, "nsl:")
		if n := utf8.RuneCountInString(line); !typed && n > 40 && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// lastLine is the last line that is shown.
func (s *screen) lastLine() string {
	lines := s.lines()
	return lines[len(lines)-1]
}
