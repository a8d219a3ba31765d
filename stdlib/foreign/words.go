package foreign

import (
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/shell"
)

// choose is the word of a list that a word is: itself, or an abbreviation, of which the
// first in the list counts as iproute2's matches() has it; "" where it is none.
func choose(text string, list []string) string {
	if slices.Contains(list, text) {
		return text
	}
	for _, s := range list {
		if text != "" && strings.HasPrefix(s, text) {
			return s
		}
	}
	return ""
}

// keyword is choose, with a mistyped word corrected.
func (k *call) keyword(w word, list []string) string {
	if s := choose(w.text, list); s != "" {
		return s
	}
	near := nearWord(w.text, list)
	if near != "" {
		k.fix(w, near)
	}
	return near
}

// nearWord is the word of a list that was mistyped; a word that is too long by a
// letter is one, too.
func nearWord(text string, list []string) string {
	same := slices.DeleteFunc(slices.Clone(list), func(s string) bool { return text == "" || s[:1] != text[:1] })
	for _, candidates := range [][]string{same, list} { // the first letter is seldom wrong
		if near := diag.Nearest(text, candidates); near != "" {
			return near
		}
	}
	for _, s := range list {
		if len(s) > 2 && len(text) == len(s)+1 && (strings.HasPrefix(text, s) || strings.HasSuffix(text, s)) {
			return s
		}
	}
	return ""
}

// option is a word of a command that takes values.
type option struct {
	name string
	// use gets the option and its value; no use is an option that only the program knows.
	use func(o word)
}

// flag is an option without a value.
func flag(name string, set *bool) option {
	return option{name, func(word) { *set = true }}
}

// values is an option with a value.
func (k *call) text(name string, set *string) option {
	return option{name, func(o word) { *set = k.value(o) }}
}

// ignored is an option with a value that changes nothing in a lab.
func (k *call) ignored(name string) option {
	return option{name, func(o word) { k.value(o) }}
}

// nothing is an option that changes nothing in a lab.
func nothing(name string) option { return option{name, func(word) {}} }

// only is an option that nsl cannot express.
func only(names ...string) []option {
	list := make([]option, len(names))
	for i, n := range names {
		list[i] = option{name: n}
	}
	return list
}

// options takes the rest of the words. What is no option is given to other, which says
// whether it has a use for it. It reports false when an option is not nsl's.
func (k *call) options(list []option, other func(w word) bool) bool {
	names := make([]string, len(list))
	for i, o := range list {
		names[i] = o.name
	}
	for {
		w, ok := k.next()
		if !ok {
			return true
		}
		i := slices.Index(names, w.text)
		if i < 0 && other(w) {
			continue
		}
		if i < 0 {
			if i = abbreviated(w.text, names); i < 0 {
				if near := nearWord(w.text, names); near != "" {
					k.fix(w, near)
					i = slices.Index(names, near)
				}
			}
		}
		switch {
		case i < 0:
			return k.fail(w, "unexpected %q", w.text)
		case list[i].use == nil:
			return false
		}
		list[i].use(w)
	}
}

// abbreviated is the only option that a text is the beginning of, or -1.
func abbreviated(text string, names []string) int {
	found := -1
	for i, n := range names {
		if len(text) > 2 && strings.HasPrefix(n, text) {
			if found >= 0 {
				return -1
			}
			found = i
		}
	}
	return found
}

func withoutPrompt(line string) string { return line[shell.Prompt(line):] }
