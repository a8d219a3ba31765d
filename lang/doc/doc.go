// Package doc tells the vocabulary to people: it reads the table of verbs and
// writes the page docs/verbs.md and the help texts of the terminal. Nothing is
// written down twice: what it says is what the verbs say of themselves.
package doc

import (
	"slices"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
)

// Unknown is the error that no statement and no probe has a name.
type Unknown struct {
	Word string
	// Near is the name that was probably meant, or "".
	Near string
}

// Error says what is unknown, and the near miss.
func (u *Unknown) Error() string {
	text := "there is no statement and no probe " + `"` + u.Word + `"`
	if u.Near != "" {
		text += `; did you mean "` + u.Near + `"?`
	}
	return text
}

// Finding is the error as a finding about words; topics are those that there is help about.
func (u *Unknown) Finding(words, topics []string) error {
	d := diag.Errorf(diag.UnknownVerb, source.Span{}, "there is no help about %q", u.Word)
	near := u.Near
	if near == "" && len(words) == 1 {
		near = diag.Nearest(u.Word, topics)
	}
	if near != "" {
		return d.WithHelp("did you mean %q?", near)
	}
	return d.WithHelp("nsl help lists the statements, nsl --help the commands")
}

func unknown(word string, names []string) *Unknown {
	return &Unknown{Word: word, Near: diag.Nearest(word, names)}
}

// Topics are the words that help has a text about: every verb and every probe,
// sorted, each once.
func Topics(t *verb.Table) []string {
	names := append(namesOf(t.Verbs()), namesOf(t.Probes())...)
	slices.Sort(names)
	return slices.Compact(names)
}

func namesOf(list []*verb.Verb) []string {
	names := make([]string, len(list))
	for i, v := range list {
		names[i] = v.Name
	}
	return names
}

// chapter is the verbs of one group, in the order of the table.
type chapter struct {
	name  verb.Group
	verbs []*verb.Verb
}

// chapters are the groups that have verbs. A group that this package has not
// heard of comes after the others rather than nowhere.
func chapters(verbs []*verb.Verb) []chapter {
	order := []verb.Group{verb.Building, verb.Looking, verb.Expecting, verb.Language, verb.Probing}
	var list []chapter
	for _, v := range verbs {
		if !slices.Contains(order, v.Group) {
			order = append(order, v.Group)
		}
	}
	for _, g := range order {
		c := chapter{name: g}
		for _, v := range verbs {
			if v.Group == g {
				c.verbs = append(c.verbs, v)
			}
		}
		if len(c.verbs) > 0 {
			list = append(list, c)
		}
	}
	return list
}

// options are the words of the grammar that are no name of a verb: what a
// script may add.
func options(v *verb.Verb) []string { return v.Keywords() }
