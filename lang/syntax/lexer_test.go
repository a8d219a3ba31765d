package syntax

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nsl/lang/source"
)

func lex(text string) Lexed {
	set := &source.Set{}
	return Lex(set.Add("test.nsl", text))
}

var kindNames = map[Kind]string{Word: "", String: "str:", Arrow: "arrow:", Cable: "cable:", ListOpen: "list", ListClose: "list",
	ParenOpen: "", ParenClose: "", BlockOpen: "", BlockClose: "", Comma: "", Compare: "cmp", End: "", Comment: "", Bad: "bad:"}

// spell writes tokens one after the other, words and brackets as they are,
// other kinds after their name.
func spell(tokens []Token) string {
	var words []string
	for _, t := range tokens {
		text := strings.ReplaceAll(t.Text, "\n", "⏎")
		if t.Dynamic {
			text = "dyn:" + text
		}
		words = append(words, kindNames[t.Kind]+text)
	}
	return strings.Join(words, " ")
}

// TestLexicalForm goes through the section of that name in the language's
// description, sentence by sentence.
func TestLexicalForm(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		// statements and their ends
		{"newline", "ns red\nns blue", "ns red ⏎ ns blue"},
		{"semicolon", "ns red;ns blue ;", "ns red ; ns blue ;"},
		{"CRLF", "ns red\r\nns blue\r\n", "ns red ⏎ ns blue ⏎"},
		{"empty", "", ""},
		{"continued", "ns \\\nred", "ns red"},
		{"continued, CRLF", "ns \\\r\nred", "ns red"},
		{"continued, blanks after it", "ns \\ \t\nred", "ns red"},
		{"continued after a word", "ns\\\nred", "ns red"},
		{"continued twice", "ns \\\n\\\nred", "ns red"},
		{"continued at the end", "ns red \\", "ns red"},
		{"no continuation inside a word", `a\b`, `a\b`},
		{"newlines are blanks in brackets", "f(a\nb) <c\n\nd>\ne", "f ( a b ) list< c d list> ⏎ e"},
		{"byte order mark", "\uFEFFns red", "ns red"},

		// comments
		{"comment", "# a\nns red # b", "# a ⏎ ns red # b"},
		{"comment, CRLF", "ns red # b\r\nns x", "ns red # b ⏎ ns x"},
		{"no comment inside a word", "ns a#b", "ns a#b"},
		{"comment after a string", `"x"#y`, `str:"x" #y`},
		{"comment after a bracket", "<a #b\nc>", "list< a #b c list>"},
		{"comment hides everything", `# " < { ( \`, `# " < { ( \`},
		{"#!", "#!/usr/bin/env nsl\nns red", "#!/usr/bin/env nsl ⏎ ns red"},

		// words and arrows
		{"words", "v-net-0 eth0.10 192.168.15.0/24 red:eth0 net.x=1 1..10 * fe80::1%eth0", "v-net-0 eth0.10 192.168.15.0/24 red:eth0 net.x=1 1..10 * fe80::1%eth0"},
		{"letters of any language", "ns 한글 Zürich", "ns 한글 Zürich"},
		{"arrow", "red->blue", "red arrow:-> blue"},
		{"cable", "link red<->blue", "link red cable:<-> blue"},
		{"dashes before an arrow", "a-b->c a-->b", "a-b arrow:-> c a- arrow:-> b"},
		{"dashes", "- -- -a a-", "- -- -a a-"},
		{"arrow alone", "->", "arrow:->"},
		{"endpoints", "red:eth0<->blue:eth0", "red:eth0 cable:<-> blue:eth0"},
		{"commas", "a,b , c", "a , b , c"},
		{"variables", "h$i 10.0.$i.1/24 h${i+1}:eth0 ${host(net, 5)} $", "dyn:h$i dyn:10.0.$i.1/24 dyn:h${i+1}:eth0 dyn:${host(net, 5)} dyn:$"},
		{"braces and strings in a variable", `${f({a}, "}", '"')}x`, `dyn:${f({a}, "}", '"')}x`},

		// lists and comparing
		{"list", "<red blue green>", "list< red blue green list>"},
		{"list in a list", "<<a b> <c>>", "list< list< a b list> list< c list> list>"},
		{"empty list", "<> < >", "list< list> list< list>"},
		{"list over lines", "bridge b <\n  red\n  blue\n>\nns x", "bridge b list< red blue list> ⏎ ns x"},
		{"list over lines, blank after its start", "b < \t\nred>", "b list< red list>"},
		{"list over lines, comment after its start", "b < # members\nred>", "b list< # members red list>"},
		{"list with commas", "<a,b>", "list< a , b list>"},
		{"list after a word", "a<b>c", "a list< b list> c"},
		{"list of strings", `<"a" 'b'>`, `list< str:"a" str:'b' list>`},
		{"arrow in a list", "<a->b>", "list< a arrow:-> b list>"},
		{"negative number in a list", "<-1 2>", "list< -1 2 list>"},
		{"less than", "loss < 1%", "loss cmp< 1%"},
		{"less than, continued", "loss < \\\n1%", "loss cmp< 1%"},
		{"greater than", "rate > 5mbit", "rate cmp> 5mbit"},
		{"greater than with no blank", "$a>1", "dyn:$a cmp> 1"},
		{"or equal", "a <= b >= c a<=b", "a cmp<= b cmp>= c a cmp<= b"},
		{"greater in parentheses in a list", "<(a > b) c>", "list< ( a cmp> b ) c list>"},
		{"or equal after a list", "<a>=b", "list< a list> =b"},

		// strings
		{"string", `"a b" "" 'c d' ''`, `str:"a b" str:"" str:'c d' str:''`},
		{"escapes", `"\n\t\"\\\$"`, `str:"\n\t\"\\\$"`},
		{"raw", `'\n "$x" \'`, `str:'\n "$x" \'`},
		{"string with a variable", `"a $x" "\$x" '$x'`, `str:dyn:"a $x" str:"\$x" str:'$x'`},
		{"string in a variable in a string", `"a ${env("X", '}')} b"`, `str:dyn:"a ${env("X", '}')} b"`},
		{"over lines", "\"\"\"\n a \"b\"\n\"\"\" c", "str:\"\"\"⏎ a \"b\"⏎\"\"\" c"},
		{"signs in strings", `"# < { -> ;"`, `str:"# < { -> ;"`},
		{"string in a word", `a"b"c`, `a str:"b" c`},
		{"tab in a string", "'a\tb'", "str:'a\tb'"},
		{"typographic characters in a string", `"“→”"`, `str:"“→”"`},

		// blocks
		{"block on one line", "if $n > 1 { ns extra }", "if dyn:$n cmp> 1 { ns extra }"},
		{"no blanks", "if $n>1{ns extra;ns x}", "if dyn:$n cmp> 1 { ns extra ; ns x }"},
		{"block over lines", "test \"x\" {\n}\n", "test str:\"x\" { ⏎ } ⏎"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := lex(c.text)
			if d := cmp.Diff(c.want, spell(got.Tokens)); d != "" {
				t.Error(d)
			}
			if len(got.Diags) > 0 {
				t.Errorf("findings: %v", got.Diags)
			}
		})
	}
}

func TestValue(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`red`, "red"},
		{`"a b"`, "a b"},
		{`""`, ""},
		{`"\n\t\"\\\$"`, "\n\t\"\\$"},
		{`"\\n"`, `\n`},
		{`'\n$x'`, `\n$x`},
		{`"""a"""`, "a"},
		{`""""""`, ""},
		{"\"\"\"\n    a\n      b\n\n    c\n    \"\"\"", "a\n  b\n\nc\n"},
		{"\"\"\"\n    a\n  \"\"\"", "  a\n"},
		{"\"\"\"\n  a\n  b\"\"\"", "a\nb"},
		{"\"\"\"\n\ta\n\tb\n\t\"\"\"", "a\nb\n"},
		{"\"\"\"\r\n  a\r\n  b\r\n  \"\"\"", "a\nb\n"},
		{"\"\"\"\n  a \\\"\"\" \\n\n  \"\"\"", "a \"\"\" \n\n"},
	} {
		tokens := lex(c.text).Tokens
		if len(tokens) != 1 {
			t.Errorf("%q is %d tokens", c.text, len(tokens))
			continue
		}
		if got := tokens[0].Value(); got != c.want {
			t.Errorf("%q is %q, want %q", c.text, got, c.want)
		}
	}
}

func TestIs(t *testing.T) {
	tokens := lex(`else "else" ->`).Tokens
	if !tokens[0].Is("else") || tokens[1].Is("else") || tokens[1].Is(`"else"`) || !tokens[2].Is("->") {
		t.Errorf("words and strings are mixed up in %v", tokens)
	}
}

// TestOpen holds that whatever can be completed is open, and nothing else is.
func TestOpen(t *testing.T) {
	for _, text := range []string{"test {", "bridge b <red", "f(a\nb", `ns \`, "ns \\\n", "ns \\ ", `foo\`, `"a`, `'a`, `"a\`,
		`"""a`, "\"\"\"a\nb\"", "${a", `"${a`, `"${f("`, "bridge b <", "a < ", "if x {\n ns <a\n", "test {\n print \"\"\"\n}"} {
		if !lex(text).Open {
			t.Errorf("%q is not open", text)
		}
	}
	for _, text := range []string{"", "ns red", "ns red\n", "}", ")", "\"a\nns b", "${a\nns b", "if x { ns <a }", "a > ",
		"ns \\\nred", "# \\", "# {", "ns \x01", "'a'", "$", "-"} {
		if lex(text).Open {
			t.Errorf("%q is open", text)
		}
	}
}
