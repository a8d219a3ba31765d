package doc

import (
	"fmt"
	"slices"
	"strings"

	"nsl/lang/verb"
)

// All is the word for a line about each statement and probe.
const All = "all"

// Help is the help text about some words, for a terminal of 80 columns: no
// words for the names of all statements, [All] for a line about each, a verb, a probe,
// "expect" and a probe, or the code of an error. The error is an *[Unknown].
func Help(t *verb.Table, words []string) (string, error) {
	switch {
	case len(words) == 0:
		return short(t), nil
	case len(words) == 1 && words[0] == All && t.Verb(All) == nil:
		return overview(t), nil
	}
	v := t.Verb(words[0])
	switch {
	case len(words) > 1 && v != nil && v.Role == verb.RoleExpect:
		return probeHelp(t, words[0], words[1:])
	case len(words) > 1:
		if _, err := Help(t, words[:1]); err != nil {
			return "", err
		}
		return "", unknown(strings.Join(words, " "), nil)
	}
	if v != nil {
		return verbHelp(t, v), nil
	}
	if p := t.Probe(words[0]); p != nil {
		return about(p, probeTitle(t, p)), nil
	}
	if text, ok := codeHelp(words[0]); ok {
		return text, nil
	}
	return "", unknown(words[0], Topics(t))
}

// probeTitle is a probe with the statement that it is usually written after.
func probeTitle(t *verb.Table, probe *verb.Verb) string {
	return t.First(verb.RoleExpect).Name + " " + probe.Name
}

func probeHelp(t *verb.Table, front string, words []string) (string, error) {
	if words[0] == "not" && len(words) > 1 {
		words = words[1:]
	}
	p := t.Probe(words[0])
	if p == nil || len(words) > 1 {
		return "", unknown(strings.Join(words, " "), namesOf(t.Probes()))
	}
	return about(p, front+" "+p.Name), nil
}

// short are the names alone, which fit a screen.
func short(t *verb.Table) string {
	var b strings.Builder
	b.WriteString("Statements\n\n")
	for _, c := range chapters(t.Verbs()) {
		first := fmt.Sprintf("  %-11s", c.name)
		b.WriteString(wrap(strings.Join(namesOf(c.verbs), " "), first, strings.Repeat(" ", len(first))))
	}
	if len(t.Probes()) > 0 {
		b.WriteString("\nProbes, after expect, expect not or require\n\n")
		b.WriteString(wrap(strings.Join(namesOf(t.Probes()), " "), "  ", "  "))
	}
	b.WriteString("\nA line about each: nsl help all\n")
	b.WriteString("More about one: nsl help bridge, nsl help expect ping\n")
	b.WriteString("The code of an error: nsl help NSL040\n")
	return b.String()
}

func overview(t *verb.Table) string {
	var b strings.Builder
	width := widest(append(slices.Clone(t.Verbs()), t.Probes()...))
	b.WriteString("Statements\n")
	for _, c := range chapters(t.Verbs()) {
		fmt.Fprintf(&b, "\n  %s\n", c.name)
		rows(&b, "    ", width, c.verbs)
	}
	b.WriteString("\nProbes, after expect, expect not or require\n\n")
	rows(&b, "    ", width, t.Probes())
	b.WriteString("\nMore about one: nsl help bridge, nsl help expect ping\n")
	b.WriteString("The code of an error: nsl help NSL040\n")
	return b.String()
}

func widest(list []*verb.Verb) int {
	n := 0
	for _, v := range list {
		n = max(n, len(v.Name))
	}
	return n
}

// rows is a table of names and summaries.
func rows(b *strings.Builder, margin string, width int, list []*verb.Verb) {
	hang := margin + strings.Repeat(" ", width+2)
	for _, v := range list {
		first := fmt.Sprintf("%s%-*s  ", margin, width, v.Name)
		b.WriteString(wrap(plain(v.Summary), first, hang))
	}
}

func verbHelp(t *verb.Table, v *verb.Verb) string {
	text := about(v, v.Name)
	switch {
	case v.Role == verb.RoleExpect:
		var b strings.Builder
		b.WriteString("\nProbes\n")
		rows(&b, "    ", widest(t.Probes()), t.Probes())
		text += b.String()
	case t.Probe(v.Name) != nil:
		text += fmt.Sprintf("\nThere is a probe of this name too: nsl help expect %s\n", v.Name)
	}
	return text
}

// about is the text about one verb or probe.
func about(v *verb.Verb, title string) string {
	var b strings.Builder
	b.WriteString(wrap(plain(v.Summary), title+": ", "    "))
	b.WriteString("\nUsage\n")
	for _, u := range v.Usage {
		b.WriteString(wrap(u, "    ", "        "))
	}
	if text := v.Doc + waits(v); text != "" {
		b.WriteString("\n" + terminal(text))
	}
	if words := options(v); len(words) > 0 {
		b.WriteString("\n" + wrap(strings.Join(words, " "), "Options: ", "    "))
	}
	for i, e := range v.Examples {
		if i == 0 {
			b.WriteString("\nExamples\n")
		} else {
			b.WriteString("\n")
		}
		example(&b, e)
	}
	return b.String()
}

// waits says how long a probe is tried, which is in the code of each.
func waits(v *verb.Verb) string {
	positive, negative := v.Patience()
	switch {
	case v.Group != verb.Probing:
		return ""
	case positive == 0 && negative == 0:
		return "\n\nIt is tried once; with `within 5s` it is repeated until it holds."
	case negative == 0:
		return fmt.Sprintf("\n\nIt is tried at once, and repeated for up to %v; after `not` it is tried once.", positive)
	}
	return fmt.Sprintf("\n\nIt is tried at once, and repeated for up to %v. After `not`, it passes when there is no\nanswer for %v, or a definite refusal.", positive, negative)
}

func example(b *strings.Builder, e verb.Example) {
	if e.Note != "" {
		b.WriteString(wrap(plain(e.Note), "    # ", "    # "))
	}
	for line := range strings.Lines(e.Code) {
		b.WriteString("    " + strings.TrimRight(line, "\n") + "\n")
	}
}
