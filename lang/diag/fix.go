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

// fix is a Fix of a part of a span, which has that text once, or statements before it.
type fix struct {
	in        source.Span
	part, now string
	before    []string
}

// WithFix returns the diagnostic with an edit: the part of the text at a place that
// is replaced, "" for all of it, and what replaces it.
func (d *Diagnostic) WithFix(at source.Span, part, now string) *Diagnostic {
	d.fix = &fix{in: at, part: part, now: now}
	return d
}

// WithStatements returns the diagnostic with an edit: statements before the one at a place.
func (d *Diagnostic) WithStatements(at source.Span, before ...string) *Diagnostic {
	d.fix = &fix{in: at, before: before}
	return d
}

// Fixes is the text of the edit that is proposed for a whole statement; "" where there is none.
func (d *Diagnostic) Fixes() string {
	if d.fix == nil || d.fix.part != "" || d.fix.before != nil {
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
	if d.fix.before != nil {
		return insertion(set, d.fix.in, d.fix.before)
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

// insertion is the edit that writes statements before the one at a place: on lines of their
// own if it begins its line, and else on the same line.
func insertion(set *source.Set, at source.Span, statements []string) (Fix, bool) {
	p := set.Position(at.Start)
	if p.File == nil {
		return Fix{}, false
	}
	head := p.File.Text[:at.Start-p.File.Base]
	between := "; "
	if head = head[strings.LastIndexByte(head, '\n')+1:]; strings.TrimSpace(head) == "" {
		between = "\n" + head
	}
	return Fix{source.Span{Start: at.Start, End: at.Start}, strings.Join(statements, between) + between}, true
}

// Applied is the text that begins at a place of the script with the proposed edit done; ok is
// false where none is proposed, or one of another part of the script.
func (d *Diagnostic) Applied(text string, start int) (after string, ok bool) {
	if d.fix == nil || d.fix.before != nil {
		return "", false
	}
	from, to := d.fix.in.Start-start, d.fix.in.End-start
	if from < 0 || to > len(text) || from > to {
		return "", false
	}
	old, now := text[from:to], d.fix.now
	if d.fix.part != "" {
		if strings.Count(old, d.fix.part) != 1 {
			return "", false
		}
		now = strings.Replace(old, d.fix.part, now, 1)
	}
	return text[:from] + now + text[to:], true
}

// WithoutFix returns the diagnostic with no edit.
func (d *Diagnostic) WithoutFix() *Diagnostic {
	d.fix = nil
	return d
}
