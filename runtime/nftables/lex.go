package nftables

import (
	"regexp"
	"strings"
	"sync"
)

// token is a word, a sign, or the end of a line (";").
type token struct {
	text string
	// quoted: it was in quotation marks.
	quoted bool
}

// tokens are the words of a text, as nft(8) parts them: comments are left out, and a line
// that ends with a backslash goes on.
var tokens = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`"[^"]*"|\\\n|#[^\n]*|[ \t\r]+|==|[\n;{}(),=|&]|[!<>]=?|[^\s;{}(),=|&!<>"#\\]+`)
})

// lex parts a text. Definitions (define NAME = …) are filled in.
func lex(text string) []token {
	var list []token
	rest := text
	for rest != "" {
		at := tokens().FindStringIndex(rest)
		need(len(at) > 0 && at[0] == 0)
		w := rest[:at[1]]
		rest = rest[at[1]:]
		switch {
		case w[0] == '#' || w == "\\\n" || strings.Trim(w, " \t\r") == "":
		case w == "\n":
			list = append(list, token{text: ";"})
		case w[0] == '"':
			list = append(list, token{w[1 : len(w)-1], true})
		case len(w) > 1 && strings.HasSuffix(w, ":"): // the key of a map
			list = append(list, token{text: w[:len(w)-1]}, token{text: ":"})
		default:
			list = append(list, token{text: w})
		}
	}
	return defined(list)
}

// defined fills in the variables.
func defined(list []token) (out []token) {
	values := map[string][]token{}
	for i := 0; i < len(list); i++ {
		switch t := list[i]; {
		case t.text == "define" && !t.quoted && (len(out) == 0 || out[len(out)-1].text == ";"):
			need(i+3 < len(list) && list[i+2].text == "=")
			name := list[i+1].text
			i += 3
			var value []token
			for depth := 0; i < len(list) && (depth > 0 || list[i].text != ";"); i++ {
				depth += map[string]int{"{": 1, "}": -1}[list[i].text]
				value = append(value, list[i])
			}
			values[name] = filled(value, values)
		case strings.HasPrefix(t.text, "$") && !t.quoted:
			value := values[t.text[1:]]
			need(value != nil)
			out = append(out, value...)
		default:
			out = append(out, t)
		}
	}
	return out
}

// filled is a value in which earlier variables are filled in.
func filled(value []token, values map[string][]token) (out []token) {
	for _, t := range value {
		if v := values[strings.TrimPrefix(t.text, "$")]; v != nil && t.text[0] == '$' {
			out = append(out, v...)
		} else {
			out = append(out, t)
		}
	}
	return out
}

// reader takes tokens from the first to the last.
type reader struct{ list []token }

func (r *reader) empty() bool { return len(r.list) == 0 }

// peek is the text of the next token, "" at the end and for a quoted one.
func (r *reader) peek() string {
	if r.empty() || r.list[0].quoted {
		return ""
	}
	return r.list[0].text
}

func (r *reader) token() token {
	need(!r.empty())
	t := r.list[0]
	r.list = r.list[1:]
	return t
}

func (r *reader) next() string { return r.token().text }

// has takes the next token if it is a word.
func (r *reader) has(word string) bool {
	if word == "" || r.peek() != word {
		return false
	}
	r.list = r.list[1:]
	return true
}

// want takes a word, which has to be there.
func (r *reader) want(word string) { need(r.has(word)) }

// block takes what is in braces.
func (r *reader) block() *reader {
	r.want("{")
	var in []token
	for depth := 1; ; {
		t := r.token()
		if !t.quoted {
			depth += map[string]int{"{": 1, "}": -1}[t.text]
		}
		if depth == 0 {
			return &reader{in}
		}
		in = append(in, t)
	}
}

// line takes what is before the next end of a line that is in no braces, and the end.
func (r *reader) line() *reader {
	var in []token
	for depth := 0; !r.empty(); {
		t := r.token()
		if !t.quoted {
			depth += map[string]int{"{": 1, "}": -1}[t.text]
		}
		if t.text == ";" && !t.quoted && depth == 0 {
			break
		}
		in = append(in, t)
	}
	return &reader{in}
}

// ends takes ends of lines; it reports whether nothing else is left.
func (r *reader) ends() bool {
	for r.has(";") {
	}
	return r.empty()
}
