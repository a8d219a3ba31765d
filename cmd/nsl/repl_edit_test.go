package main

import (
	"os"
	"path/filepath"
	"testing"
)

// Tab on an empty line types what was wrong with the fix that the error or the failed
// expectation proposed; a
// statement of several lines is one entry of the history, on one line; an open quote
// is an error at once.
func TestEditingAtThePrompt(t *testing.T) {
	s, _ := promptScreen(t)
	s.answers("ns red blue", "nsl:2> ")
	s.answers("ns x; link red <-> bleu", "nsl:3> ")
	s.shows("did you mean \"blue\"?")
	s.types("\t")
	s.asks("nsl:3> link red <-> blue") // without the statement that was done
	s.types("\r")
	s.shows("<-> blue:veth-blue")
	s.asks("nsl:3> ")
	s.answers("expect pnig red -> blue", "nsl:3> ")
	s.types("\t")
	s.asks("nsl:3> expect ping red -> blue")
	s.types("\r")
	s.shows("answers in")
	s.asks("nsl:3> ")
	s.answers("down red:veth-red", "nsl:3> ")
	s.answers("expect ping red -> blue", "nsl:3> ")
	s.types("\t")
	s.asks("nsl:3> up red:veth-red; expect ping red -> blue") // with what was proposed
	s.types("\r")
	s.shows("answers in")
	s.asks("nsl:3> ")
	s.answers("def row(a, b) {", "...")
	s.answers("  ns $a $b # two", "...")
	s.answers("  link $a <-> $b", "...")
	s.answers("}", "nsl:3> ")
	s.types("\x10") // Arrow up
	s.asks("nsl:3> def row(a, b) { ns $a $b; link $a <-> $b }")
	s.types("\x17\x17 } \r") // the last word is written again
	s.asks("nsl:3> ")
	s.answers("row p q", "nsl:5> ")
	s.answers(`print "hello`, "nsl:5> ")
	s.shows("is not closed on its line")
	s.leaves()
}

// Tab completes programs after exec and a node and after "!", and then files.
func TestProgramsAreCompleted(t *testing.T) {
	s, home := promptScreen(t)
	bin := filepath.Join(home, "bin")
	written(t, home, map[string]string{"bin/zz-tool": "", "notes-of-mine.txt": ""})
	s.leaves()
	s, _ = promptScreen(t, "PATH="+bin+":"+os.Getenv("PATH"))
	s.answers("ns red", "nsl:1> ")
	s.types("!zz-t\t")
	s.asks("nsl:1> !zz-tool")
	s.types("\x15exec red zz-t\t")
	s.asks("nsl:1> exec red zz-tool")
	s.types("\x15expect exec red zz-t\t")
	s.asks("nsl:1> expect exec red zz-tool")
	s.types("\x15")
	s.leaves()
}
