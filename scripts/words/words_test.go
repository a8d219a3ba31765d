// Package words holds no code: its test keeps what people read, in plain
// technical English: messages, help, documentation, comments.
package words

import (
	"bytes"
	"go/scanner"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A turn is a way of putting things that reads as if translated.
type turn struct {
	not *regexp.Regexp
	// but are the phrases in which the words are the right ones.
	but *regexp.Regexp
	say string
}

func word(not, but, say string) turn {
	t := turn{not: regexp.MustCompile(`(?i)\b(?:` + not + `)\b`), say: say}
	if but != "" {
		t.but = regexp.MustCompile(`(?i)` + but)
	}
	return t
}

func turns() []turn {
	return []turn{
		word(`behind`, `behind ((a|an|the|one|two|another|its|source|this|that|that node's) )?((own|one hardware) )?(router|NAT|gateway|firewall|host|address|it\b|masquerad\w+|proxy|load balancer|/etc/resolv.conf|a symbolic link)`, "after, following; beyond"),
		word(`told|is telling|are telling`, ``, "reported, printed, shown"),
		word(`tells (of|that|how|what|who|which|whether|why|where|when|it)`, `tells \w+ apart`, "reports, says, shows"),
		word(`stands|stood`, ``, "is, has"),
		word(`what stands|that stand|may stand|can stand|must stand|to stand|stand (for|behind|before|in the|there|here|between)`, ``, "be, come, follow"),
		word(`in vain`, ``, "without an answer"),
		word(`nobody|somebody`, `nobody:\w|user nobody|--reuid nobody`, "no node, no process; another program"),
		word(`mend|mends|mended|mending`, ``, "fix"),
		word(`has no place here|have no place here`, ``, "unexpected X"),
		word(`says it so`, ``, "in nsl: …"),
		word(`taken back|takes? \w* ?back|taking back|took back|take back`, ``, "undone, rolled back"),
		word(`words it knows`, ``, "options"),
		word(`swallows?|swallowed|eats|eaten`, ``, "drops"),
		word(`comes? to its end`, ``, "exits, ends"),
		word(`nothing reads`, ``, "unused, never used"),
		word(`in a circle`, ``, "routing loop; cycle"),
		word(`knows nothing of`, ``, "has no entry for"),
		word(`furnish\w*|nursery|nurse|foresee\w*|mourn\w*|farewell|afterlife`, ``, "create; pool, worker; prefetch; report; timeout"),
		word(`is let|are let`, `(is|are) let go`, "may, is allowed to"),
		word(`is looked into|are looked into`, ``, "is examined"),
	}
}

// TestPlainWords reads every text of the repository that a person may read. A
// phrase in which the words are right is added to the rule's but.
func TestPlainWords(t *testing.T) {
	root := "../.."
	list := exec.Command("git", "-C", root, "ls-files", "-z")
	out, err := list.Output()
	if err != nil {
		t.Skip("not a git checkout:", err)
	}
	for _, name := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		if strings.HasPrefix(name, "scripts/words/") || !readable(name) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			continue // deleted, not yet committed
		}
		for _, f := range findings(name, text) {
			t.Error(f)
		}
	}
}

func readable(name string) bool {
	kinds := []string{".go", ".md", ".sh", ".nsl", ".yml", ".txt", ".txtar", ".golden", ".1", ".7", ".c"}
	return slices.Contains(kinds, filepath.Ext(name)) || filepath.Base(name) == "Makefile"
}

// findings are the turns in a file, as "file:line: "…": say …".
func findings(name string, text []byte) []string {
	var list []string
	rules := turns()
	var all []string
	for _, turn := range rules {
		all = append(all, turn.not.String())
	}
	every := regexp.MustCompile(strings.Join(all, "|"))
	for i, line := range strings.Split(readAloud(name, text), "\n") {
		if !every.MatchString(line) {
			continue
		}
		for _, turn := range rules {
			plain := line
			if turn.but != nil {
				plain = turn.but.ReplaceAllString(plain, "")
			}
			if found := turn.not.FindString(plain); found != "" {
				list = append(list, name+":"+strconv.Itoa(i+1)+": "+strconv.Quote(found)+": say "+turn.say+"\n\t"+strings.TrimSpace(line))
			}
		}
	}
	return list
}

// readAloud is a file without what nobody reads as a sentence: of Go source,
// the comments and string literals remain, each on its line.
func readAloud(name string, text []byte) string {
	if filepath.Ext(name) != ".go" {
		return string(text)
	}
	files := token.NewFileSet()
	file := files.AddFile(name, -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, scanner.ScanComments)
	lines := make([]string, bytes.Count(text, []byte("\n"))+1)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return strings.Join(lines, "\n")
		}
		if tok != token.COMMENT && tok != token.STRING {
			continue
		}
		for i, part := range strings.Split(lit, "\n") {
			lines[file.Line(pos)-1+i] += " " + part
		}
	}
}

// TestPlainWordsFinds shows each rule something that breaks it.
func TestPlainWordsFinds(t *testing.T) {
	for _, line := range []string{
		"a word behind the name", "the caller is told", "it tells of the change", "what stands here",
		"asks it, in vain", "nobody answers", "mend: add a route", "has no place here", "it is taken back",
	} {
		if len(findings("a.md", []byte(line))) == 0 {
			t.Errorf("%q passes", line)
		}
	}
	for _, line := range []string{"the server behind NAT", "a host behind a router", "stand-in for the Internet"} {
		if list := findings("a.md", []byte(line)); len(list) > 0 {
			t.Errorf("%q: %v", line, list)
		}
	}
	if list := findings("a.go", []byte("package a\n\nvar behind = told // a comment\n")); len(list) > 0 {
		t.Errorf("identifiers are read: %v", list)
	}
}
