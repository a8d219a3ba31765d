package syntax

import (
	"nsl/lang/diag"
	"nsl/lang/source"
)

func unclosed(opener Token) *diag.Diagnostic {
	closers := map[Kind]string{ListOpen: ">", ParenOpen: ")", BlockOpen: "}"}
	d := unclosedAt(opener.Span, opener.Text, closers[opener.Kind])
	if opener.Kind == ListOpen {
		d.Help += ` ("<" opens a list; the less-than sign has a blank behind it)`
	}
	return d
}

func unclosedAt(at source.Span, opener, closer string) *diag.Diagnostic {
	return diag.Errorf(diag.Unclosed, at, `%s is never closed`, opener).WithHelp(`add %s`, closer)
}

func unclosedQuote(at source.Span, quote string) *diag.Diagnostic {
	return diag.Errorf(diag.Unclosed, at, `%s is not closed on its line`, quote).
		WithHelp(`add %s at the end of the text; a text of several lines stands between """ and """`, quote)
}

func unopened(at source.Span, closer string) *diag.Diagnostic {
	return diag.Errorf(diag.Unopened, at, `%s closes nothing`, closer).WithHelp("take it away, or open it before")
}

func oddByte(at source.Span, b byte) *diag.Diagnostic {
	return diag.Errorf(diag.OddByte, at, "byte 0x%02x is no text", b).
		WithHelp("a script is UTF-8 text; delete the byte, or save the file as UTF-8")
}

func unknownEscape(at source.Span, text string) *diag.Diagnostic {
	return diag.Errorf(diag.BadEscape, at, "%s means nothing in a string", text).
		WithHelp(`there are \n \t \" \\ \$; for a text as it stands use '…'`)
}
