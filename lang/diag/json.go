package diag

import (
	"encoding/json"
	"io"

	"nsl/lang/source"
)

type jsonPlace struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
}

type jsonRelated struct {
	*jsonPlace
	Text string `json:"text"`
}

type jsonDiagnostic struct {
	Code     Code       `json:"code,omitempty"`
	Severity string     `json:"severity"`
	Summary  string     `json:"summary"`
	Help     string     `json:"help,omitempty"`
	Place    *jsonPlace `json:"place,omitempty"`
	// Fix is an edit: its text in the place of what is there.
	Fix     *jsonRelated  `json:"fix,omitempty"`
	Related []jsonRelated `json:"related,omitempty"`
}

func place(set *source.Set, span source.Span) *jsonPlace {
	from, to := set.Position(span.Start), set.Position(span.End)
	if span.IsZero() || from.File == nil || to.File == nil {
		return nil
	}
	return &jsonPlace{from.File.Name, from.Line, from.Column, to.Line, to.Column}
}

// WriteJSON writes the findings as one JSON array; lines and columns are
// 1-based, columns count code points, the end is exclusive.
func WriteJSON(w io.Writer, set *source.Set, list List) error {
	out := make([]jsonDiagnostic, 0, len(list))
	for _, d := range list {
		j := jsonDiagnostic{Code: d.Code, Severity: d.Severity.String(), Summary: d.Summary,
			Help: d.Help, Place: place(set, d.Subject)}
		if fix, ok := d.Fix(set); ok {
			j.Fix = &jsonRelated{place(set, fix.Span), fix.Text}
		}
		for _, r := range d.Related {
			j.Related = append(j.Related, jsonRelated{place(set, r.Span), r.Text})
		}
		out = append(out, j)
	}
	enc := json.NewEncoder(NewJSONWriter(w))
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
