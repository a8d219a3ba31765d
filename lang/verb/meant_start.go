package verb

import (
	"net/netip"
	"slices"
	"strings"

	"nsl/lang/diag"
)

// starts are the statements that the words may be of.
func (s *sense) starts(words []string) {
	for i, w := range words {
		if s.isPlace(w) {
			continue
		}
		known := false
		for _, v := range s.table.verbs {
			known = s.named(v, words, i) || known
		}
		if !known && costOfLeaving(w) == 0 {
			s.start(s.table.Verb(diag.Nearest(w, names(s.table.verbs))), without(words, w), costOrder*i+costSlip)
		}
	}
	if !s.asWritten {
		s.expectations(words)
	}
}

// named begins the statement of a verb that a word, or one and the next, is for; it reports
// whether the word alone is.
func (s *sense) named(v *Verb, words []string, i int) (is bool) {
	rest, cost := slices.Delete(slices.Clone(words), i, i+1), costOrder*i
	switch {
	case v.Name == words[i]:
		is = s.start(v, rest, cost)
	case slices.Contains(v.Also, strings.ToLower(words[i])):
		is = s.start(v, rest, cost+costWord)
	}
	if i+1 == len(words) || !slices.Contains(v.Also, strings.ToLower(words[i]+" "+words[i+1])) {
		return is
	}
	if !slices.Contains(v.Keywords(), words[i+1]) {
		rest = slices.Delete(rest, i, i+1)
	}
	s.start(v, rest, cost)
	return is
}

// guesses are the statements that words without the name of one may be of.
func (s *sense) guesses(words []string) {
	for _, v := range s.table.verbs {
		has := func(w string) bool {
			return costOfLeaving(w) == 0 && (slices.Contains(v.Keywords(), w) || slices.Contains(v.Keywords(), synonym(w)))
		}
		if slices.ContainsFunc(words, has) {
			s.start(v, words, costGuess)
		}
	}
	if slices.ContainsFunc(words, func(w string) bool { _, err := netip.ParsePrefix(w); return err == nil }) {
		s.start(s.table.Verb("addr"), words, costGuess)
	}
	if s.table.Verb(words[0]) == nil && s.table.also(words[0]) == nil {
		s.start(s.table.Verb("show"), words, costGuess)
	}
}

// start begins a statement; it reports whether it can.
func (s *sense) start(v *Verb, words []string, cost int) bool {
	if v == nil || v.ParseStatement != nil || v.Spec.Parse != nil || v.Role != NoRole {
		return false
	}
	return s.push(attempt{cost: cost, verb: v, placed: []string{v.Name}, left: words})
}

// gateway is the default route that the words mean.
func (s *sense) gateway(words []string) string {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return costOfLeaving(w) > 0 })
	for i := range words {
		if text := gateway(slices.Concat(words[i:], words[:i])); text != "" && s.judge(text) == nil {
			return text
		}
	}
	return ""
}

// expectations are the starts of expectations.
func (s *sense) expectations(words []string) {
	expect := s.table.First(RoleExpect)
	if expect == nil {
		return
	}
	prefix, left, cost, asked := []string{expect.Name}, []string{}, 0, slices.Contains(words, "->")
	var tail []string
	for i := 0; i < len(words); i++ {
		w := words[i]
		v := s.table.also(w)
		switch {
		case s.isPlace(w):
			left = append(left, w)
		case denies(w):
			prefix = append(prefix[:1], "not")
		case w == expect.Name || v == expect || s.isTest(w) || polite(w) && w != "be":
			cost, asked = cost+costFiller, true
		case w == "within" && i+1 < len(words):
			tail, i = words[i:i+2], i+1
		default:
			left = append(left, w)
		}
	}
	begin := func(v *Verb, left []string, cost int) {
		s.push(attempt{cost: cost, verb: v, skip: len(prefix), placed: append(slices.Clone(prefix), v.Name), left: left, tail: tail})
	}
	for i, w := range left {
		if s.isPlace(w) || !asked && (s.table.Verb(w) != nil || s.table.also(w) != nil) {
			continue
		}
		if v := s.table.probe(w); v != nil && v.Role == NoRole {
			begin(v, slices.Delete(slices.Clone(left), i, i+1), cost+costOrder*i)
		}
	}
	if v := s.table.Probe("ping"); v != nil && asked {
		begin(v, left, cost+costWord)
	}
}

// isTest reports the word of a test.
func (s *sense) isTest(word string) bool {
	v := s.table.Verb(word)
	return v != nil && v.Role == RoleTest
}

// program is the program that is to run in the node that the words name.
func (s *sense) program(words []string) string {
	v := s.table.Verb("exec")
	if v == nil || s.table.Foreign == nil {
		return ""
	}
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return s.table.Verb(w) == v || s.table.also(w) == v })
	for i, w := range words {
		node := strings.TrimSuffix(w, ":")
		if is, err := s.lab.HasNode(node); err != nil || !is {
			continue
		}
		before := words[:i]
		if i > 0 && (isPreposition(words[i-1]) || words[i-1] == "from") {
			before = words[:i-1]
		}
		command := spaced(slices.Concat(before, words[i+1:]))
		text := v.Name + " " + node + " " + command
		if n, _ := s.table.Foreign.Extent(command, false); n > 0 && s.judge(text) == nil {
			return text
		}
	}
	return ""
}

// runs reports words of which the first says that a program is to run.
func (s *sense) runs(words []string) bool {
	v := s.table.Verb("exec")
	return s.table.Verb(words[0]) == v || s.table.also(words[0]) == v
}
