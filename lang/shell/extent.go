package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// maxLines bounds how many lines are read for one statement of the shell.
const maxLines = 200

// Extent is the length of the first statement of a text: its line, or several where a
// quote, a loop or a backslash leaves it open. The ";" that may end it is not part of it.
// In a block of nsl a "}" that is a word by itself ends it, too. open: the text ended
// first. A statement that the shell would refuse is its line.
func Extent(text string, inBlock bool) (n int, open bool) {
	end, inDocument := 0, false
	for range maxLines {
		line := lineOf(text[end:])
		if inBlock && !inDocument {
			line = line[:braceIn(line)]
		}
		end += len(line)
		if endsContinued(text[:end]) && end < len(text) && text[end] == '\n' {
			end++
			continue
		}
		f, err := parse(text[:end])
		inDocument = opensDocument(err)
		switch {
		case err == nil && len(f.Stmts) == 0:
			return 0, false
		case err == nil:
			return docsEnd(text[:end], f.Stmts[0], stmtEnd(f.Stmts[0])), endsContinued(text[:end]) && end == len(text)
		case !inDocument && !syntax.IsIncomplete(err):
			return firstLine(text, inBlock), false
		case end == len(text):
			return end, true
		case text[end] != '\n':
			return firstLine(text, inBlock), false
		}
		end++
	}
	return firstLine(text, inBlock), false
}

// firstLine is what is taken of a statement that cannot be read.
func firstLine(text string, inBlock bool) int {
	line := lineOf(text)
	if inBlock {
		line = line[:braceIn(line)]
	}
	return len(strings.TrimRight(line, " \t\r"))
}

func lineOf(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func endsContinued(text string) bool { return strings.HasSuffix(strings.TrimRight(text, " \t\r"), `\`) }

// stmtEnd is where a statement ends, with its "&".
func stmtEnd(s *syntax.Stmt) int {
	end := int(s.End().Offset()) //nolint:gosec // a line's length
	if s.Background || !s.Semicolon.IsValid() {
		return end
	}
	return int(s.Semicolon.Offset()) //nolint:gosec // a line's length
}

// braceIn is the place of the first "}" that is a word of its own, outside of quotes
// and after no "{" of the shell; the length where there is none.
func braceIn(line string) int {
	depth := 0
	var quote byte
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quote != '\'':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '#' && isWord(line, i, true):
			return len(line)
		case c == '{' && isWord(line, i, false):
			depth++
		case c == '}' && isWord(line, i, false):
			if depth--; depth < 0 {
				return i
			}
		}
	}
	return len(line)
}

// isWord reports whether the character at i is a word, or only begins one.
func isWord(line string, i int, begins bool) bool {
	const blanks = " \t\r;"
	before := i == 0 || strings.IndexByte(blanks, line[i-1]) >= 0
	return before && (begins || i+1 == len(line) || strings.IndexByte(blanks, line[i+1]) >= 0)
}

func parse(text string) (*syntax.File, error) {
	return syntax.NewParser(syntax.Variant(syntax.LangBash), syntax.KeepComments(false)).Parse(strings.NewReader(text), "")
}
