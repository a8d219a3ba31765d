package syntax

import (
	"regexp"
	"strings"
	"sync"

	"nsl/lang/diag"
)

// counted is a name as other languages count it: h[1..3], h[1-3], h1..h3, a..c.
var counted = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([^\[\]]*?)\[?(\d+)(?:\.\.+|[-:])([^\[\]]*?)(\d+)\]?$`)
})

// countedNames is about a word that means several names, where one is wanted.
func countedNames(t Text) *diag.Diagnostic {
	if !strings.Contains(t.Value, "..") && !strings.ContainsAny(t.Value, "[]") {
		return nil
	}
	if from, to, ok := strings.Cut(t.Value, ".."); ok && len(from) == 1 && len(to) == 1 && from < to && from[0] > '9' {
		letters := ""
		for c := from[0]; c <= to[0]; c++ {
			letters += " " + string(rune(c))
		}
		return diag.Errorf(diag.BadName, t.Span, "%s is not a name", t.Value).
			WithHelp("several names are written one by one:%s", letters).WithFix(t.Span, "", letters[1:])
	}
	d := diag.Errorf(diag.BadName, t.Span, "%s is not a name", t.Value)
	m := counted().FindStringSubmatch(t.Value)
	if len(m) < 5 || m[3] != "" && m[3] != m[1] {
		return d.WithHelp("several names are written one by one, or counted: h${range(3)} is h1 h2 h3")
	}
	meant := m[1] + "${range(" + m[2] + ", " + m[4] + ")}"
	if m[2] == "1" {
		meant = m[1] + "${range(" + m[4] + ")}"
	}
	return d.WithHelp("several names are counted: %s", meant).WithFix(t.Span, "", meant)
}
