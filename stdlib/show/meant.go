package show

import (
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
)

// spelling answers what other systems have after show, as in "show ip interface brief".
func spelling(tokens []syntax.Token) *diag.Diagnostic {
	var words []string
	for _, t := range tokens[1:] {
		words = append(words, t.Text)
	}
	text := meant(words)
	if text == "" {
		return nil
	}
	at := tokens[1].Span.To(tokens[len(tokens)-1].Span)
	return diag.UnexpectedWord(at, "show", strings.Join(words, " ")).WithHelp("did you mean: show %s", text).WithFix(at, "", text)
}

// meant are a table and a node, as show has them, in the place of words in another order,
// or of those of other systems; "" where they name no table, or more than one thing besides.
func meant(words []string) string {
	table, rest := "", []string{}
	text := strings.Join(words, " ")
	if strings.Contains(text, "interface") && strings.Contains(text, "brief") || strings.Contains(text, "ip interface") {
		table = "addrs"
	}
	for _, w := range words {
		v, ok := findView(w)
		switch {
		case ok && table == "":
			table = v.name
		case ok, slices.Contains([]string{"ip", "ipv6", "brief", "table", "all", "of", "on", "for", "in", "the", "mac", "from", "interface"}, w):
		case w == "address-table":
			table = "fdb"
		default:
			rest = append(rest, w)
		}
	}
	if table == "" || len(rest) > 1 || len(words) == 1 && len(rest) == 0 {
		return ""
	}
	return strings.Join(append([]string{table}, rest...), " ")
}
