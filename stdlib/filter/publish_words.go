package filter

import (
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

// publishSpelling answers the ports as other programs and people write them.
func publishSpelling(tokens []syntax.Token) *diag.Diagnostic {
	if d := dockerPublish(tokens); d != nil {
		return d
	}
	if slices.ContainsFunc(tokens, func(t syntax.Token) bool { return t.Kind == syntax.Arrow }) {
		return nil
	}
	words := slices.DeleteFunc(slices.Clone(tokens[1:]), func(t syntax.Token) bool {
		return t.Is("to") || t.Is("on") || t.Is("port")
	})
	if len(words) != 2 || words[0].Kind != syntax.Word || words[1].Kind != syntax.Word || words[0].Dynamic || words[1].Dynamic {
		return nil
	}
	port, target := words[0].Text, words[1].Text
	if isPort(target) {
		port, target = target, port
	}
	if !isPort(port) || strings.ContainsAny(target, ":/") || strings.HasPrefix(target, "-") { // an arrow that is being typed
		return nil
	}
	text := "publish " + port + " -> " + target + ":" + port
	return diag.Errorf(diag.BadPort, words[0].Span, "publish: a port leads to a port of a node").WithHelp("did you mean: %s", text).
		WithFix(source.Span{Start: tokens[0].Span.Start, End: tokens[len(tokens)-1].Span.End}, "", text)
}

// redirectSpelling answers two ports without an arrow, and a port of another node.
func redirectSpelling(tokens []syntax.Token) *diag.Diagnostic {
	words := slices.DeleteFunc(slices.Clone(tokens[1:]), func(t syntax.Token) bool { return t.Is("to") || t.Is("port") })
	if len(words) != 2 || !isPort(words[0].Text) || !isPort(words[1].Text) {
		return nil
	}
	text := "redirect " + words[0].Text + " -> " + words[1].Text
	return diag.Errorf(diag.BadPort, words[1].Span, "redirect: the arrow between the ports is missing").WithHelp("did you mean: %s", text).
		WithFix(tokens[0].Span.To(tokens[len(tokens)-1].Span), "", text)
}

// isPort reports a port as publish has it before the arrow.
func isPort(word string) bool {
	return (syntax.Published{Text: syntax.Text{Value: word}}).Problem() == nil
}

// filterSpelling answers a port after a single node: block blue 22.
func filterSpelling(tokens []syntax.Token) *diag.Diagnostic {
	if d := namedPort(tokens); d != nil {
		return d
	}
	if len(tokens) != 3 || !isPort(tokens[2].Text) || tokens[1].Dynamic || tokens[2].Dynamic || isPort(tokens[1].Text) {
		return nil
	}
	text := tokens[0].Text + " -> " + tokens[1].Text + " tcp " + tokens[2].Text
	return diag.UnexpectedWord(tokens[2].Span, tokens[0].Text, tokens[2].Text).WithHelp("did you mean: %s", text).
		WithFix(tokens[0].Span.To(tokens[2].Span), "", text)
}

// namedPort answers a port by its name before, or among, the sides: allow ssh red -> blue.
func namedPort(tokens []syntax.Token) *diag.Diagnostic {
	ports := map[string]string{"ssh": "tcp 22", "telnet": "tcp 23", "smtp": "tcp 25", "dns": "udp 53", "http": "tcp 80", "https": "tcp 443"}
	i := slices.IndexFunc(tokens, func(t syntax.Token) bool { return ports[t.Text] != "" })
	if i < 1 {
		return nil
	}
	text := tokens[0].Text
	if !slices.ContainsFunc(tokens, func(t syntax.Token) bool { return t.Kind == syntax.Arrow || t.Is("to") || t.Is("from") }) && len(tokens) < 4 {
		text += " ->"
	}
	for n, t := range tokens[1:] {
		if n+1 != i && !t.Is("port") {
			text += " " + t.Text
		}
	}
	text += " " + ports[tokens[i].Text]
	return diag.UnexpectedWord(tokens[i].Span, tokens[0].Text, tokens[i].Text).WithHelp("did you mean: %s", text).
		WithFix(tokens[0].Span.To(tokens[len(tokens)-1].Span), "", text)
}

// natSpelling answers a node in the place of the subnet: nat r1.
func natSpelling(tokens []syntax.Token) *diag.Diagnostic {
	if len(tokens) != 2 || tokens[1].Kind != syntax.Word || tokens[1].Dynamic || syntax.AddressLike(tokens[1].Text) {
		return nil
	}
	return diag.UnexpectedWord(tokens[1].Span, "nat", tokens[1].Text).
		WithHelp("the subnet comes first: nat 10.0.0.0/24 on %s", tokens[1].Text)
}
