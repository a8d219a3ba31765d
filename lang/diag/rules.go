package diag

import (
	"embed"
	"path"
	"strings"
)

//go:embed codes/*.md
var pages embed.FS

// Rule explains a code, as codes/NSLnnn.md does.
type Rule struct {
	Code Code
	// Name is the name of the code's constant: UnknownVerb.
	Name string
	// Title is a short phrase, no full stop.
	Title string
	// Text says in Markdown why the diagnostic appears and how to fix it, mostly
	// with an example.
	Text string
}

// Rules returns the rules of all codes, in the order of their numbers.
func Rules() []Rule {
	names, _ := pages.ReadDir("codes") // an embedded directory is always readable
	rules := make([]Rule, 0, len(names))
	for _, entry := range names {
		page, _ := pages.ReadFile(path.Join("codes", entry.Name()))
		rules = append(rules, parseRule(Code(strings.TrimSuffix(entry.Name(), ".md")), string(page)))
	}
	return rules
}

// parseRule reads a page, which begins with "# Name: title".
func parseRule(code Code, page string) Rule {
	head, text, _ := strings.Cut(page, "\n")
	name, title, _ := strings.Cut(strings.TrimPrefix(head, "# "), ": ")
	return Rule{Code: code, Name: name, Title: title, Text: strings.TrimSpace(text) + "\n"}
}
