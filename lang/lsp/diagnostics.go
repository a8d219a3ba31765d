package lsp

import (
	"nsl/lang/diag"
	"nsl/lang/script"
)

// diagnostics are the findings of the check, in its order.
func (a *analysis) diagnostics() []Diagnostic {
	list := make([]Diagnostic, 0, len(a.list))
	for _, d := range a.list {
		list = append(list, a.diagnostic(d))
	}
	return list
}

func (a *analysis) diagnostic(d *diag.Diagnostic) Diagnostic {
	out := Diagnostic{Code: string(d.Code), Source: "nsl", Severity: severity(d), Message: d.Summary}
	if d.Help != "" {
		out.Message += "\n" + d.Help
	}
	if d.Code == diag.Unused || d.Code == diag.Unreachable {
		out.Tags = []int{tagUnnecessary}
	}
	r, here := a.place(d.Subject)
	out.Range = r
	if !here {
		out = a.elsewhere(d, out)
	}
	for _, rel := range d.Related {
		if l, ok := a.location(rel.Span); ok {
			out.Related = append(out.Related, related{l, rel.Text})
		}
	}
	return out
}

func severity(d *diag.Diagnostic) int {
	if d.Severity == diag.Warning {
		return severityWarning
	}
	return severityError
}

// elsewhere shows a finding about a module where this text uses it.
func (a *analysis) elsewhere(d *diag.Diagnostic, out Diagnostic) Diagnostic {
	f := a.set.File(d.Subject.Start)
	if d.Subject.IsZero() || f == nil {
		out.Range = Range{}
		return out
	}
	out.Message = diag.Place(a.set, d.Subject) + ": " + out.Message
	for _, u := range a.useStatements() {
		if script.ModuleFile(a.file.Name, u.Target) == f.Name {
			out.Range, _ = a.place(u.TargetAt)
		}
	}
	if l, ok := a.location(d.Subject); ok {
		out.Related = append(out.Related, related{l, "here"})
	}
	return out
}
