package services

import (
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
)

// serveSpelling answers a server with its words in another order, or without its protocol:
// serve red http 80, serve red:80.
func serveSpelling(tokens []syntax.Token) *diag.Diagnostic {
	kinds := []string{"http", "tcp", "udp"}
	if len(tokens) > 1 && slices.Contains(kinds, tokens[1].Text) {
		return nil
	}
	kind, node, port := "http", "", ""
	for _, t := range tokens[1:] {
		word := t.Text
		switch {
		case t.Kind != syntax.Word || t.Dynamic || strings.ContainsAny(word, "/="):
			return nil
		case slices.Contains([]string{"server", "web", "port", "on", "at", "in", "listen"}, word):
		case slices.Contains(kinds, word):
			kind = word
		case strings.Trim(word, "0123456789") == "" && port == "":
			port = ":" + word
		case node == "":
			node = word
		default:
			return nil
		}
	}
	if node == "" || strings.Contains(node, ":") && port != "" {
		return nil
	}
	text := "serve " + kind + " " + node + port
	return diag.UnexpectedWord(tokens[1].Span, "serve", tokens[1].Text).WithHelp("did you mean: %s", text).
		WithFix(tokens[0].Span.To(tokens[len(tokens)-1].Span), "", text)
}
