package verb

import (
	"slices"
	"strings"

	"nsl/lang/syntax"
)

// meantProbe is the probe that was probably meant by words after expect of which the
// first is no probe; "" where there is none.
func (t *Table) meantProbe(tokens []syntax.Token) string {
	words := slices.DeleteFunc(marked(tokens), polite)
	if len(words) == 0 || slices.ContainsFunc(words, denies) {
		return ""
	}
	tries := [][]string{slices.Concat([]string{"ping"}, words)}
	if len(words) > 1 {
		swapped := slices.Concat([]string{words[1], words[0]}, words[2:])
		tries = [][]string{words, words[1:], swapped, tries[0]}
	}
	for _, try := range tries {
		v := t.Probe(try[0])
		if v == nil || len(try) > mostRepaired {
			continue
		}
		tokens := lexed(spaced(try))
		wrong, fits := v.fits(tokens)
		if fits {
			return spaced(try)
		}
		if text := v.undo(tokens, wrong, 1); text != "" {
			return text
		}
	}
	return ""
}

// polite reports a word of English about what shall be so, which a probe does not need.
func polite(word string) bool {
	return slices.Contains([]string{"can", "could", "should", "must", "will", "reach", "reaches", "be", "able", "reachable", "ok", "works", "work",
		"succeeds", "succeed", "passes", "pass", "fine", "true", "that"}, word)
}

// denies reports a word that says that something shall not hold.
func denies(word string) bool {
	return slices.Contains([]string{"no", "not", "cannot", "never", "fails", "fail", "blocked", "!"}, word)
}

// denied is `not` and the probe that was probably meant, where something else says that
// it shall not hold; "" elsewhere.
func (t *Table) denied(tokens []syntax.Token) string {
	words := marked(tokens)
	rest := slices.DeleteFunc(slices.Clone(words), denies)
	if len(rest) > 0 {
		rest[0] = strings.TrimPrefix(rest[0], "!")
	}
	if len(rest) == 0 || len(rest) > mostRepaired || slices.Equal(rest, words) {
		return ""
	}
	if v := t.Probe(rest[0]); v != nil {
		if _, fits := v.fits(lexed(spaced(rest))); fits {
			return "not " + spaced(rest)
		}
	}
	return ""
}
