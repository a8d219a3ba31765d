package foreign

import (
	"slices"
	"strings"

	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// Pasted implements [verb.Foreign].
func (p *Programs) Pasted(comment string) string {
	text := strings.TrimRight(strings.TrimPrefix(comment, "# "), " \t\r")
	first, _, _ := strings.Cut(text, " ")
	if !slices.Contains([]string{"ip", "brctl", "iptables", "sysctl", "sudo"}, first) || strings.HasSuffix(text, ".") {
		return ""
	}
	commands, err := p.Commands(text, source.Span{Start: 1, End: 1 + len(text)}, func(string) (string, error) { return "", plan.ErrNoSysctl })
	if err != nil {
		return ""
	}
	var ours []string
	for _, c := range commands {
		t, d := c.Translate(anyLab{})
		if d != nil || t.Asks || t.Quiet || len(t.Statements) == 0 || t.Passed && !strings.HasSuffix(first, "tables") {
			return ""
		}
		ours = append(ours, t.Statements...)
	}
	return strings.Join(ours, "; ")
}

// anyLab is a lab in which whatever is named is there.
type anyLab struct{ verb.Lab }

func (anyLab) HasNode(string) (bool, error)                  { return false, nil }
func (anyLab) Nodes() ([]string, error)                      { return nil, nil }
func (anyLab) Links(string) ([]plan.Link, error)             { return nil, nil }
func (anyLab) Link(string, string) (plan.Link, error)        { return plan.Link{}, plan.ErrNoLink }
func (anyLab) Routes(string) ([]plan.Route, error)           { return nil, nil }
func (anyLab) Tables(string) ([]plan.Item, error)            { return nil, nil }
func (anyLab) Sysctl(string, string) (value string, _ error) { return "0", nil }
func (anyLab) Book() (*plan.Book, error)                     { return plan.NewBook(), nil }
func (anyLab) MayExist(plan.Ref) bool                        { return true }
func (anyLab) Uncertain() bool                               { return true }
