package verb

import (
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// Table is the verbs of the language and the probes that may follow expect.
type Table struct {
	verbs, probes []*Verb
	byName        map[string]*Verb
	probeByName   map[string]*Verb

	// Foreign knows the commands of other programs; it may be nil.
	Foreign Foreign
	// Faults finds what is surely wrong with a lab that a script has built; it may be nil.
	Faults func(lab plan.View) ([]Fault, error)
	// Explain says why an op failed that waits for something of the lab, and what to do
	// about it; "" where it does not know. It may be nil.
	Explain func(lab Lab, op plan.Op, err error) (why, fix string)
}

// Refused is [Refused] with the reason that Explain finds in its help.
func (t *Table) Refused(lab Lab, at source.Span, op plan.Op, err error) *diag.Diagnostic {
	d := Refused(at, op, err)
	if t.Explain == nil {
		return d
	}
	if why, fix := t.Explain(lab, op, err); why != "" {
		return d.WithHelp("%s", strings.TrimSuffix(why+"\n"+fix, "\n"))
	}
	return d
}

// Fault is something that is wrong with a lab as a whole: the warning about it has no
// place yet.
type Fault struct {
	// At are the interfaces that it is about: the last statement that changed one of
	// them gets the warning.
	At      []plan.Ref
	Warning *diag.Diagnostic
}

// NewTable makes a table; the order of the lists is the order of the documentation.
// The probes get their chapter.
func NewTable(verbs, probes []*Verb) *Table {
	for _, p := range probes {
		p.Group = Probing
	}
	return &Table{verbs: verbs, probes: probes, byName: index(verbs), probeByName: index(probes)}
}

func index(list []*Verb) map[string]*Verb {
	m := make(map[string]*Verb, len(list))
	for _, v := range list {
		m[v.Name] = v
	}
	return m
}

// Verbs are all verbs.
func (t *Table) Verbs() []*Verb { return t.verbs }

// Probes are all probes.
func (t *Table) Probes() []*Verb { return t.probes }

// Names are the names of all verbs, sorted.
func (t *Table) Names() []string { return names(t.verbs) }

// Verb is the verb of that name, or nil.
func (t *Table) Verb(name string) *Verb { return t.byName[name] }

// Probe is the probe of that name, or nil.
func (t *Table) Probe(name string) *Verb { return t.probeByName[name] }

// Split cuts a file into statements, with the command lines that verbs have and those
// of other programs.
func (t *Table) Split(f *source.File) *syntax.Tree {
	tree := syntax.SplitAs(f, t)
	tree.Diags.Add(t.pasted(tree)...)
	return tree
}

func names(list []*Verb) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = v.Name
	}
	slices.Sort(out)
	return out
}

// Parsed is a statement with its verb and its node.
type Parsed struct {
	*syntax.Statement
	Verb *Verb
	Node Node
}

// Parse parses one statement; its Node is nil when there are findings.
func (t *Table) Parse(st *syntax.Statement) (Parsed, diag.List) {
	p := Parsed{Statement: st}
	if st.Bad {
		return p, nil
	}
	first := st.Verb()
	if p.Verb = t.Verb(first.Text); p.Verb == nil || first.Kind == syntax.String {
		return p, diag.List{t.UnknownVerb(st)}
	}
	if p.Verb.ParseStatement != nil {
		node, list := p.Verb.ParseStatement(t, st)
		if len(list) == 0 {
			p.Node = node
		}
		return p, list
	}
	if st = t.Flat(st); st.Bad {
		return p, nil
	}
	if b := st.Parts[0].Block; b != nil && p.Verb.Lines {
		return p, diag.List{nested(st)}
	} else if b != nil {
		d := diag.TakesNoBlock(b.Span, p.Verb.Name)
		if meant := p.Verb.braced(st); meant != "" {
			d = d.WithHelp("did you mean: %s", meant).WithFix(st.Span, "", meant)
		}
		return p, diag.List{d}
	}
	node, list := p.Verb.Parse(t, st.Head())
	if len(list) == 0 {
		p.Node = node
	}
	return p, list
}

// ParseProbe parses what follows expect.
func (t *Table) ParseProbe(tokens []syntax.Token) (*Verb, Node, diag.List) {
	first := tokens[0]
	v := t.Probe(first.Text)
	if v == nil || first.Kind == syntax.String {
		d := diag.Errorf(diag.UnknownProbe, first.Span, "there is no probe %q", first.Text)
		if meant := t.denied(tokens); meant != "" {
			return nil, nil, diag.List{proposed(d, tokens, meant)}
		}
		near := t.Probe(diag.Nearest(first.Text, names(t.probes)))
		if meant := t.meantProbe(tokens); meant != "" && (near == nil || !near.fitsWith(tokens, 0, near.Name)) {
			return nil, nil, diag.List{proposed(d, tokens, meant)}
		}
		return nil, nil, diag.List{d.WithNearest(first.Text, names(t.probes), "nsl help expect lists the probes")}
	}
	node, list := v.Parse(t, tokens)
	if len(list) == 0 {
		return v, node, nil
	}
	if meant := t.denied(tokens); meant != "" {
		list = diag.List{proposed(list[0], tokens, meant)}
	}
	return v, node, list
}
