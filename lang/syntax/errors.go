package syntax

import (
	"strings"
	"unicode/utf8"

	"nsl/lang/diag"
	"nsl/lang/source"
)

// unclosed reports a bracket; rest is what follows it on its line.
func unclosed(opener Token, rest string) *diag.Diagnostic {
	switch {
	case opener.Kind == ParenOpen:
		return unclosedAt(opener.Span, opener.Text, ")")
	case opener.Kind == BlockOpen:
		return unclosedAt(opener.Span, opener.Text, "}")
	case strings.HasPrefix(strings.TrimLeft(rest, "-"), ">") && strings.HasPrefix(rest, "-"):
		length := strings.IndexByte(rest, '>') + 1
		at := source.Span{Start: opener.Span.Start, End: opener.Span.End + length}
		return diag.Errorf(diag.Unclosed, at, "<%s is no arrow", rest[:length]).WithHelp("write <->").WithFix(at, "", "<->")
	case strings.HasPrefix(rest, "-"):
		return unclosedAt(opener.Span, opener.Text, ">").
			WithHelp("arrows are written -> and <->; a list ends with >: <red blue>")
	case rest != "" && strings.IndexByte("0123456789$", rest[0]) >= 0:
		word, _, _ := strings.Cut(rest, " ")
		return unclosedAt(opener.Span, opener.Text, ">").
			WithHelp("for \"less than\" write a blank after it: < %s\na list ends with >: <red blue>", strings.TrimRight(word, "\r"))
	}
	return unclosedAt(opener.Span, opener.Text, ">").
		WithHelp("a list ends with >: <red blue>\nfor \"less than\" write a blank after it: < 5ms")
}

func unclosedAt(at source.Span, opener, closer string) *diag.Diagnostic {
	return diag.Errorf(diag.Unclosed, at, `%s is never closed`, opener).WithHelp(`add %s where it ends`, closer)
}

func unclosedQuote(at source.Span, quote string) *diag.Diagnostic {
	return diag.Errorf(diag.Unclosed, at, `%s is not closed on its line`, quote).
		WithHelp(`add %s at the end of the text; a text of several lines is written between """ and """`, quote)
}

func unopened(at source.Span, closer string) *diag.Diagnostic {
	return diag.Errorf(diag.Unopened, at, `%s closes nothing`, closer).WithHelp("take it away, or open it before")
}

func oddByte(at source.Span, b byte) *diag.Diagnostic {
	return diag.Errorf(diag.OddByte, at, "byte 0x%02x is no text", b).
		WithHelp("a script is UTF-8 text; delete the byte, or save the file as UTF-8")
}

// plainFor is what a script needs where a blog or an input method wrote r: a
// sign, or "" for a blank. It is false for a character that a word may hold.
func plainFor(r rune) (plain string, found bool) {
	switch r {
	case '“', '”', '„', '＂':
		return `"`, true
	case '→', '⟶':
		return "->", true
	case '↔', '⟷':
		return "<->", true
	case '＜', '＞', '（', '）', '｛', '｝', '；', '，', '：', '＃', '＄':
		return string(r - '！' + '!'), true // full-width forms: U+FF01 is U+0021
	case 0x85, 0xA0, 0x2007, 0x2009, 0x200B, 0x200C, 0x200D, 0x2028, 0x2029, 0x202F, 0x2060, 0x3000, 0xFEFF:
		return "", true
	}
	return "", false
}

// lookalike is nil for a character that may be in a word.
func lookalike(at source.Span, r rune) *diag.Diagnostic {
	plain, found := plainFor(r)
	switch {
	case !found:
		return nil
	case plain == "":
		return diag.Errorf(diag.OddByte, at, "invisible character (U+%04X)", r).
			WithHelp("it often comes with text copied from a web page: delete it, or write a plain blank").WithFix(at, "", " ")
	}
	return onlyLooks(at, string(r), plain)
}

// onlyLooks is the finding about a text with one character that the language does not
// know, which was meant for a sign.
func onlyLooks(at source.Span, text, plain string) *diag.Diagnostic {
	odd := strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
	r, _ := utf8.DecodeRuneInString(text[odd:])
	return diag.Errorf(diag.OddByte, at, "%s (U+%04X) only looks like %s", text, r, plain).
		WithHelp("write %s; inside quotes %s means itself", plain, text).WithFix(at, "", plain)
}

func lonelyBackslash(at source.Span) *diag.Diagnostic {
	return diag.Errorf(diag.BadEscape, at, `a \ at the end of a word means nothing`).
		WithHelp(`at the end of a line it continues the statement; a text with blanks is written in quotes: 'My Files'`)
}

func tooDeep(at source.Span) *diag.Diagnostic {
	return diag.Errorf(diag.TooDeep, at, "more than %d brackets are open here", maxNesting).
		WithHelp("close some of them, or give the inner part a name with def")
}

func unknownEscape(at source.Span, text string) *diag.Diagnostic {
	return diag.Errorf(diag.BadEscape, at, "%s means nothing in a string", text).
		WithHelp(`there are \n \t \" \\ \$; for a literal text use '…'`)
}
