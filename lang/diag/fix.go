package diag

import (
	"strings"

	"nsl/lang/source"
)

// Fix is an edit that is proposed: Text in the place of what Span has.
type Fix struct {
	Span source.Span
	Text string
}

// fix is a Fix of a part of a span, which has that text once.
type fix struct {
	in        source.Span
	part, now string
}

// WithFix returns the diagnostic with an edit: the part of the text at a place that
// is replaced, "" for all of it, and what replaces it.
func (d *Diagnostic) WithFix(at source.Span, part, now string) *Diagnostic {
	d.fix = &fix{at, part, now}
	return d
}

// Fixes is the text of the edit that is proposed for a whole statement; "" where there is none.
func (d *Diagnostic) Fixes() string {
	if d.fix == nil || d.fix.part != "" {
		return ""
	}
	return d.fix.now
}

// Fix is the edit that the diagnostic proposes. There is none where the words that it
// is about are not written in the script as they are, but come from a variable.
func (d *Diagnostic) Fix(set *source.Set) (Fix, bool) {
	if d.fix == nil || set == nil || d.fix.in.IsZero() {
		return Fix{}, false
	}
	at, part := d.fix.in, d.fix.part
	if part != "" {
		text := set.Text(at)
		if strings.Count(text, part) != 1 {
			return Fix{}, false
		}
		at.Start += strings.Index(text, part)
		at.End = at.Start + len(part)
	}
	return Fix{at, d.fix.now}, true
}
