package verb

import (
	"net/netip"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// Meant completes the finding about a statement with what was probably meant, once the lab
// is known. What is proposed is right there: a proposal that would be wrong as well is
// replaced by one that is right. Where there is none, the help says what is still wrong.
func (t *Table) Meant(lab Lab, st *syntax.Statement, list diag.List) {
	text, tokens := asWritten(st)
	if len(list) == 0 || text == "" || len(tokens) < 2 {
		return
	}
	d, s := list[0], newSense(t, asIs{lab}, mostParses)
	whole := source.Span{Start: st.Span.Start, End: st.Span.Start + len(text)}
	proposal, proposes := d.Applied(text, whole.Start)
	var wrong *diag.Diagnostic
	if proposes {
		if wrong = s.judge(proposal); wrong == nil {
			return
		}
		unfit := s.unfit
		if further, ok := wrong.Applied(proposal, 0); ok && s.judge(further) == nil {
			_ = d.WithHelp("%sdid you mean: %s", lead(d), further).WithFix(whole, "", further)
			return
		}
		s.unfit = unfit // of what was proposed
	}
	s.foreign = st.Verb().Kind == syntax.Foreign
	s.asWritten, s.programs = !proposes && s.misplaced(d, tokens), d.Code == diag.UnknownNode
	if !proposes && !s.asWritten && !unspecific(d) {
		return
	}
	meant := s.addressed(d, tokens)
	if meant == "" && (!proposes || s.unfit || wrong.Absent != "" || d.Code == diag.UnknownVerb) {
		meant = s.search(tokens)
	}
	switch {
	case meant != "":
		_ = d.WithHelp("did you mean: %s", meant).WithFix(whole, "", meant)
	case !proposes || !strings.Contains(d.Fixes(), " "):
	case s.unfit, t.isWord(wrong.Absent):
		_ = d.WithHelp("%s", t.generalHelp(tokens)).WithoutFix()
	default:
		_ = d.WithHelp("%sin nsl: %s\nbut %s", lead(d), proposal, wrong.Summary).WithoutFix()
	}
}

// lead is what the help says before it proposes something.
func lead(d *diag.Diagnostic) string {
	text, _, proposes := strings.Cut(d.Help, "did you mean")
	if !proposes {
		return ""
	}
	return text
}

// generalHelp is what is said where nothing is known of what was meant.
func (t *Table) generalHelp(tokens []syntax.Token) string {
	if v := t.Verb(tokens[0].Text); v != nil {
		return v.usage()
	}
	return "nsl help lists the statements"
}

// unspecific reports a finding about words that do not fit, with no help but the usage.
func unspecific(d *diag.Diagnostic) bool {
	switch d.Code {
	case diag.UnknownVerb, diag.UnknownProbe:
		return strings.HasPrefix(d.Help, "nsl help")
	case diag.Unexpected, diag.WrongCommand:
		return d.Help == "" || strings.Contains(d.Help, "usage: ")
	case diag.UnknownNode:
		return strings.HasPrefix(d.Help, "make it first")
	}
	return false
}

// misplaced reports a finding about a node or an address in the place of something else.
func (s *sense) misplaced(d *diag.Diagnostic, tokens []syntax.Token) bool {
	i := subject(d, tokens)
	if i < 0 || !slices.Contains([]diag.Code{diag.BadPrefix, diag.BadNumber, diag.BadAddress, diag.BadName, diag.NoPrefixLen}, d.Code) {
		return false
	}
	_, err := netip.ParsePrefix(tokens[i].Text)
	return err == nil || s.isPlace(tokens[i].Text)
}

// subject is which of some words a finding is about; -1 for none of them.
func subject(d *diag.Diagnostic, tokens []syntax.Token) int {
	return slices.IndexFunc(tokens, func(t syntax.Token) bool { return t.Span == d.Subject })
}

// addressed is the statement with the address of a node where its name is; "" if none is right.
func (s *sense) addressed(d *diag.Diagnostic, tokens []syntax.Token) string {
	i := subject(d, tokens)
	if d.Code != diag.BadAddress || i < 0 || !s.isNode(tokens[i].Text) {
		return ""
	}
	node, link, _ := strings.Cut(tokens[i].Text, ":")
	links, _ := s.lab.Links(node) // without them there is no address
	words := marked(tokens)
	for _, l := range links {
		if link != "" && link != l.Name {
			continue
		}
		for _, a := range l.Addrs {
			words[i] = a.Addr().String()
			if text := spaced(words); !a.Addr().IsLoopback() && s.judge(text) == nil {
				return text
			}
		}
	}
	return ""
}

// asWritten is the text of a statement of one line, and its words. It is "" for others, and
// for what only its variables complete.
func asWritten(st *syntax.Statement) (string, []syntax.Token) {
	if len(st.Parts) != 1 || st.Parts[0].Block != nil || st.Dynamic() || len(st.Head()) == 0 {
		return "", nil
	}
	tokens := st.Head()
	if tokens[0].Kind == syntax.Foreign {
		return tokens[0].Text, lexed(tokens[0].Text)
	}
	text, start := "", tokens[0].Span.Start
	for _, t := range tokens {
		if t.Span.Start < start+len(text) {
			return "", nil
		}
		text += strings.Repeat(" ", t.Span.Start-start-len(text)) + t.Text
	}
	return text, tokens
}

// isWord reports a word that is hardly meant as a name: of a statement, of a grammar, or
// of English.
func (t *Table) isWord(name string) bool {
	return len(name) > 1 && (t.Verb(name) != nil || filler(name) || polite(name) || costOfLeaving(name) == costFiller ||
		slices.ContainsFunc(t.verbs, func(v *Verb) bool { return slices.Contains(v.Keywords(), name) }))
}

// isPlain reports a word that only says where or which way, and is no name of a new thing.
func isPlain(name string) bool {
	return len(name) > 1 && (filler(name) || polite(name) || slices.Contains([]string{"up", "down", "on", "off", "via", "in", "no", "not", "between", "into"}, name))
}

// asIs is a lab with nothing in doubt: what it does not show is not there.
type asIs struct{ Lab }

// Uncertain is false.
func (asIs) Uncertain() bool { return false }

// MayExist is false.
func (asIs) MayExist(plan.Ref) bool { return false }

// Assume does nothing.
func (asIs) Assume(plan.Ref) {}

// judge is the first error of a statement in the lab as it is; nil where it has none.
func (s *sense) judge(text string) *diag.Diagnostic {
	set := &source.Set{}
	tree := s.table.Split(set.Add("", text))
	s.unfit = true
	if len(tree.Statements) != 1 || tree.Diags.HasErrors() {
		return diag.Errorf(diag.Unexpected, source.Span{}, "that is no statement")
	}
	st := tree.Statements[0]
	if st.Verb().Kind == syntax.Foreign {
		return nil
	}
	p, list := s.table.Parse(st)
	if s.unfit = p.Node == nil || list.HasErrors(); s.unfit {
		return firstError(list)
	}
	if namer, ok := p.Node.(Namer); ok {
		list = namer.Names(s.lab)
	}
	if planner, ok := p.Node.(Planner); ok {
		pl := NewPlan(s.lab, st.Span)
		planner.Plan(pl)
		s.steps, list = pl.Result()
		if name := s.wordMade(); name != "" {
			s.unfit = true
			return diag.Errorf(diag.Unexpected, st.Span, "%s is a word of the language", name)
		}
	}
	s.warned = len(list) > 0
	return firstError(list)
}

// wordMade is the name of what the statement makes that is a word of another kind, and so
// hardly meant as a name; "" where there is none.
func (s *sense) wordMade() string {
	for _, step := range s.steps {
		e := step.Op.Effect()
		made := slices.Clone(e.Nodes)
		for _, l := range e.Links {
			made = append(made, l.Name)
		}
		if i := slices.IndexFunc(made, isPlain); i >= 0 {
			return made[i]
		}
	}
	return ""
}

func firstError(list diag.List) *diag.Diagnostic {
	i := slices.IndexFunc(list, func(d *diag.Diagnostic) bool { return d.Severity != diag.Warning })
	if i < 0 {
		return nil
	}
	return list[i]
}
