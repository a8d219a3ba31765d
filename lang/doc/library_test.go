package doc_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"nsl/lang/doc"
	"nsl/stdlib"
)

func TestLibraryHelpFitsATerminalAndIsPlain(t *testing.T) {
	modules := stdlib.Modules()
	page := doc.LibraryPage(modules)
	topics := doc.LibraryTopics(modules)
	if len(topics) < 10 {
		t.Errorf("only %v", topics)
	}
	for _, word := range topics {
		text, ok := doc.LibraryHelp(modules, word)
		if !ok || !strings.Contains(page, "`"+word+"`") {
			t.Errorf("nothing about %s", word)
		}
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 || strings.Contains(line, "`") {
				t.Errorf("help %s: %d columns: %s", word, n, line)
			}
		}
	}
	if _, ok := doc.LibraryHelp(modules, "std/nothing"); ok {
		t.Error("there is no std/nothing")
	}
}
