package diag

import (
	"io"
	"slices"
	"strings"

	"nsl/lang/source"
)

// Formats are the names of the formats in which findings are written.
func Formats() []string { return []string{"text", "json", "sarif"} }

// WriteAs writes findings in one of the [Formats], text with colours or without. The version
// is that of nsl.
func WriteAs(w io.Writer, format string, set *source.Set, list List, color bool, version string) error {
	switch format {
	case "json":
		return WriteJSON(w, set, list)
	case "sarif":
		return WriteSARIF(w, set, list, version)
	}
	return Text{Set: set, Color: color}.Write(w, list)
}

// OneOf is the error that a flag has none of the words that it takes, or nil.
func OneOf(flag, word string, words []string) error {
	if slices.Contains(words, word) {
		return nil
	}
	return Errorf("", source.Span{}, "--%s: there is no %q", flag, word).
		WithNearest(word, words, "there are %s", strings.Join(words, ", "))
}
