package doc

import (
	"regexp"
	"slices"
	"strings"

	"nsl/lang/verb"
)

// Option is what the help of a verb or probe says of one of its options, in Markdown: the
// forms that have it, and the paragraphs that name it. Where none does, it is all forms.
func Option(v *verb.Verb, word string) string {
	has := regexp.MustCompile(`(^|[^\w-])` + regexp.QuoteMeta(word) + `($|[^\w-])`).MatchString
	lacks := func(s string) bool { return !has(s) }
	forms := slices.DeleteFunc(slices.Clone(v.Usage), lacks)
	if len(forms) == 0 {
		forms = v.Usage
	}
	text := "```nsl\n" + strings.Join(forms, "\n") + "\n```"
	for _, paragraph := range slices.DeleteFunc(strings.Split(v.Doc, "\n\n"), lacks) {
		text += "\n\n" + strings.TrimSpace(paragraph)
	}
	return text
}
