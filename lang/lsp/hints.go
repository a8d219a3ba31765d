package lsp

import (
	"context"
	"strings"

	"nsl/runtime/report"
)

// hintWidth is how long a hint beside a statement may be, in columns.
const hintWidth = 72

// hinted shows beside the statements what nsl chose: addresses and names that the text
// does not have.
func hinted(_ context.Context, d *document, p aboutRange) (any, error) {
	a := d.analysis()
	if a == nil {
		return nil, errSuperseded
	}
	list := []inlayHint{}
	for _, m := range a.made {
		r, ok := a.place(m.at)
		if !ok || r.End.Line < p.Range.Start.Line || r.Start.Line > p.Range.End.Line {
			continue
		}
		text := strings.Join(report.Made(m.ops, hintWidth), " ")
		if text == "" || !chosen(text, d.text[d.offset(r.Start):d.offset(r.End)]) {
			continue
		}
		list = append(list, inlayHint{Position: d.position(d.end(r.End.Line)), Label: text, PaddingLeft: true})
	}
	return list, nil
}

// chosen reports whether a text has names or addresses that a statement does not.
func chosen(text, statement string) bool {
	for word := range strings.FieldsSeq(text) {
		if strings.ContainsAny(word, ":/") && !strings.Contains(statement, strings.TrimRight(word, ",:")) {
			return true
		}
	}
	return false
}
