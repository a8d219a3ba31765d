package topology

import (
	"strings"

	"nsl/runtime/plan"
)

// split are the words of a command that no shell reads: blanks end a word, quotes and the
// backslash keep what they keep in a shell.
func split(line string) []string {
	var words []string
	var word strings.Builder
	var quote rune
	escaped, inWord := false, false
	for _, c := range line {
		switch {
		case escaped:
			if quote == '"' && c != '"' && c != '\\' {
				word.WriteByte('\\')
			}
			word.WriteRune(c)
			escaped = false
		case c == '\\' && quote != '\'':
			escaped, inWord = true, true
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote, inWord = c, true
		case quote == 0 && strings.ContainsRune(" \t\r\n", c):
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(c)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words
}

// command is a line without a shell as one of the shell that does the same.
func command(line string) string {
	words := split(line)
	for i, w := range words {
		words[i] = plan.Quote(w)
	}
	return strings.Join(words, " ")
}
