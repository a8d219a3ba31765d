package filter

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
)

// dockerPublish answers the ports as docker run takes them (docker-run(1), --publish):
// [ADDRESS:]PORT:PORT[/PROTOCOL], the target's port last.
func dockerPublish(tokens []syntax.Token) *diag.Diagnostic {
	words := tokens[1:]
	if len(words) > 0 && (words[0].Is("-p") || words[0].Is("--publish")) {
		words = words[1:]
	}
	if len(words) < 2 || words[0].Kind != syntax.Word || words[0].Dynamic {
		return nil
	}
	outer, inner, proto := dockerPorts(words[0].Text)
	rest := words[1:]
	if rest[0].Kind == syntax.Arrow {
		rest = rest[1:]
	}
	if outer == "" || len(rest) == 0 || rest[0].Kind != syntax.Word {
		return nil
	}
	target := rest[0].Text
	if !strings.Contains(target, ":") {
		target += ":" + inner
	}
	instead := []string{"publish", outer, "->", target}
	if proto != "" {
		instead = append(instead, proto)
	}
	for _, t := range rest[1:] {
		instead = append(instead, t.Text)
	}
	text := strings.Join(instead, " ")
	return diag.Errorf(diag.BadPort, words[0].Span, "%s is two ports, and the second is the target's", words[0].Text).
		WithHelp("write: %s", text).WithFix(source.Span{Start: tokens[0].Span.Start, End: tokens[len(tokens)-1].Span.End}, "", text)
}

// dockerPorts parts the two ports; outer is "" where the word is no such thing.
func dockerPorts(word string) (outer, inner, proto string) {
	word, proto, _ = strings.Cut(word, "/")
	i := strings.LastIndexByte(word, ':')
	if i < 0 {
		return "", "", ""
	}
	outer, inner = word[:i], word[i+1:]
	if !isPort(outer) || !isPort(inner) || strings.Contains(inner, ":") || proto != "" && proto != "tcp" && proto != "udp" {
		return "", "", ""
	}
	return outer, inner, proto
}
