package verb

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
)

// UnknownVerb is the finding that no statement begins with that word; functions
// are the statements that the script itself defines.
func (t *Table) UnknownVerb(st *syntax.Statement, functions ...string) *diag.Diagnostic {
	tok := st.Verb()
	d := diag.Errorf(diag.UnknownVerb, tok.Span, "there is no statement %q", tok.Text)
	if meant := t.server(st.Head()); meant != "" {
		return proposed(d, st.Head(), meant)
	}
	if t.Probe(tok.Text) != nil {
		return d.WithHelp("%s is a probe: write expect %s …", tok.Text, tok.Text).WithFix(tok.Span, "", "expect "+tok.Text)
	}
	if _, err := netip.ParsePrefix(tok.Text); err == nil {
		return d.WithHelp("in nsl: addr NODE:IFACE %s", tok.Text)
	}
	if slices.ContainsFunc([]string{"//", "--", "/*", ";;", "%"}, func(sign string) bool { return strings.HasPrefix(tok.Text, sign) }) {
		return d.WithHelp("a comment begins with #")
	}
	if slices.Contains([]string{"while", "until"}, tok.Text) {
		return d.WithHelp("a loop goes over a list: for i in 1..3 { … }\nwhat comes true later is waited for: expect … within 5s")
	}
	if slices.Contains([]string{"end", "done", "fi", "endif", "endfor", "next", "esac"}, tok.Text) {
		return d.WithHelp("a block is between { and }: for i in 1..3 { … }")
	}
	if head := st.Head(); len(head) > 1 && (head[1].Is("=") || head[1].Is(":=")) {
		name := strings.TrimPrefix(tok.Text, "$")
		return d.WithHelp("a variable is set with let: let %s = …", name).WithFix(tok.Span.To(head[1].Span), "", "let "+name+" =")
	}
	if head := st.Head(); tok.Is("not") && len(head) > 1 && slices.ContainsFunc(t.verbs, func(v *Verb) bool { return v.Role == RoleExpect && v.Name == head[1].Text }) {
		return d.WithHelp("did you mean: %s not …", head[1].Text).WithFix(tok.Span.To(head[1].Span), "", head[1].Text+" not")
	}
	if meant := t.otherwise(st); meant != "" {
		return proposed(d, st.Head(), meant)
	}
	if v := t.also(tok.Text); v != nil {
		if meant := t.begun(v, st.Head()[1:]); meant != "" {
			return proposed(d, st.Head(), meant)
		}
		return d.WithHelp("did you mean %q?", v.Name).WithFix(tok.Span, "", v.Name)
	}
	known := append(names(t.verbs), functions...)
	if near := diag.Nearest(tok.Text, names(t.probes)); near != "" && diag.Nearest(tok.Text, known) == "" && hasArrow(st) {
		return d.WithHelp("did you mean: expect %s …", near).WithFix(tok.Span, "", "expect "+near)
	}
	return d.WithNearest(tok.Text, known, "nsl help lists the statements")
}

// hasArrow reports a statement that says from where to where, as probes do.
func hasArrow(st *syntax.Statement) bool {
	return slices.ContainsFunc(st.Head(), func(t syntax.Token) bool { return t.Is("->") })
}

// also is the verb that another word is for; nil for words of no verb.
func (t *Table) also(word string) *Verb {
	i := slices.IndexFunc(t.verbs, func(v *Verb) bool { return slices.Contains(v.Also, strings.ToLower(word)) })
	if i < 0 {
		return nil
	}
	return t.verbs[i]
}

// probe is the probe of that name, or that another word is for; nil where there is none.
func (t *Table) probe(word string) *Verb {
	i := slices.IndexFunc(t.probes, func(v *Verb) bool { return v.Name == word || slices.Contains(v.Also, word) })
	if i < 0 {
		return nil
	}
	return t.probes[i]
}

// begun is the statement of a verb that was probably meant by words after it, where they
// do not fit as they are; "" where they do, or nothing makes them fit.
func (t *Table) begun(v *Verb, rest []syntax.Token) string {
	if v.Role == RoleExpect && len(rest) > 0 {
		if meant := t.meantProbe(rest); meant != "" && t.Probe(rest[0].Text) == nil {
			return v.Name + " " + meant
		}
	}
	if v.ParseStatement != nil || v.Spec.Parse != nil || len(rest) >= mostRepaired {
		return ""
	}
	tokens := lexed(spaced(append([]string{v.Name}, marked(rest)...)))
	wrong, fits := v.fits(tokens)
	if fits || len(tokens) == 1 {
		return ""
	}
	if meant := v.repair(tokens, wrong); meant != "" || v.Spelling == nil {
		return meant
	}
	if d := v.Spelling(tokens); d != nil && d.Fixes() != "" {
		return d.Fixes()
	}
	return ""
}

// server is the statement of a verb that a second word is for, as in "http server red".
func (t *Table) server(head []syntax.Token) string {
	if len(head) < 3 {
		return ""
	}
	two := head[0].Text + " " + head[1].Text
	if v := t.also(two); v != nil {
		return t.begun(v, head[2:])
	}
	v := t.also(head[1].Text)
	if v == nil || v.Spelling == nil || t.also(head[0].Text) != nil {
		return ""
	}
	return t.begun(v, slices.Concat(head[:1], head[2:]))
}

// gateway is the default route that "default gateway red 10.0.0.1" and its like mean.
func gateway(words []string) string {
	if !slices.Contains([]string{"default", "gateway", "gw", "defaultgw"}, words[0]) {
		return ""
	}
	var node, via string
	for _, w := range words[1:] {
		_, err := netip.ParseAddr(w)
		switch {
		case err == nil && via == "":
			via = w
		case slices.Contains([]string{"default", "gateway", "route", "via", "gw", "for", "of", "to", "is", "on", "="}, w):
		case err != nil && node == "" && strings.Trim(w, "<->=") == w && !strings.HasPrefix(w, touch):
			node = w
		default:
			return ""
		}
	}
	if node == "" || via == "" {
		return ""
	}
	return "route " + node + " default via " + via
}

// otherwise is the statement that was probably meant where another word is before the verb
// ("create ns red"), an option is in its place ("delay red 10ms"), or a node is before a
// program; "" elsewhere.
func (t *Table) otherwise(st *syntax.Statement) string {
	head := st.Head()
	if len(head) < 2 || st.Parts[0].Block != nil {
		return ""
	}
	if meant := t.verbSecond(head); meant != "" {
		return meant
	}
	if meant := cmp.Or(gateway(marked(head)), gateway(marked(slices.Concat(head[1:], head[:1])))); meant != "" {
		return meant
	}
	if meant := t.nodeFirst(head); meant != "" {
		return meant
	}
	if meant := t.optionFirst(marked(head)); meant != "" {
		return meant
	}
	return t.programIn(head)
}

// verbSecond is the statement of a verb after a word such as create.
func (t *Table) verbSecond(head []syntax.Token) string {
	before := []string{"create", "add", "new", "make", "set", "define", "configure", "enable", "setup", "firewall", "please"}
	if len(head) < 3 || !slices.Contains(before, head[0].Text) {
		return ""
	}
	v := cmp.Or(t.Verb(head[1].Text), t.also(head[1].Text), t.Verb(diag.Nearest(head[1].Text, names(t.verbs))))
	if v == nil || v.ParseStatement != nil {
		return ""
	}
	return cmp.Or(t.begun(v, head[2:]), spaced(append([]string{v.Name}, marked(head[2:])...)))
}

// nodeFirst is the statement of a verb that comes after its node, and what an arrow alone
// between two nodes most likely means.
func (t *Table) nodeFirst(head []syntax.Token) string {
	words := marked(head)
	switch {
	case len(words) != 3:
	case strings.Trim(words[1], "<->=~") == "" && !head[1].Is("->") && t.Verb("link") != nil:
		return "link " + words[0] + " <-> " + words[2]
	case head[1].Is("->") && t.Verb("expect") != nil:
		return "expect ping " + spaced(words)
	}
	v := cmp.Or(t.Verb(words[1]), t.also(words[1]))
	if v == nil || v.ParseStatement != nil || v.Spec.Parse != nil || len(words) > mostRepaired {
		return ""
	}
	text := spaced(slices.Concat([]string{v.Name}, words[:1], words[2:]))
	if _, fits := v.fits(lexed(text)); !fits {
		return t.begun(v, slices.Concat(head[:1], head[2:]))
	}
	return text
}

// optionFirst is the statement with an option that is before the verb and its node after them.
func (t *Table) optionFirst(words []string) string {
	if len(words) < 3 || len(words) > mostRepaired {
		return ""
	}
	for _, v := range t.verbs {
		if v.ParseStatement != nil || v.Spec.Parse != nil || !slices.Contains(v.Keywords(), words[0]) {
			continue
		}
		text := spaced(append([]string{v.Name, words[1], words[0]}, words[2:]...))
		if _, fits := v.fits(lexed(text)); fits {
			return text
		}
	}
	return ""
}

// programIn is exec with a program that comes after the name of a node, and spawn with one
// that ends with "&".
func (t *Table) programIn(head []syntax.Token) string {
	node := strings.TrimSuffix(head[0].Text, ":")
	if t.Foreign == nil || head[0].Kind != syntax.Word || head[0].Dynamic || node == "" {
		return ""
	}
	command, start := spaced(marked(head[1:])), "exec "
	if after, ok := strings.CutSuffix(command, " &"); ok {
		command, start = after, "spawn "
	}
	if n, _ := t.Foreign.Extent(command, false); n == 0 {
		return ""
	}
	return start + node + " " + command
}
