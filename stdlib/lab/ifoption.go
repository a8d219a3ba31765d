package lab

import (
	"strconv"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// NamedValue is an option of an interface and its value, as a statement has them.
type NamedValue struct {
	Name  syntax.IfOption    `parser:"@@"`
	Value syntax.OptionValue `parser:"@@"`
}

// Put sets the option among others.
func (o NamedValue) Put(to *plan.IfOptions) {
	if option, ok := plan.IfOptionNamed(o.Name.Value); ok {
		option.Put(to, o.Value.Value)
	}
}

// CheckIfOptions finds options of a statement that are given twice, and values that they
// do not take.
func CheckIfOptions(statement string, opts []NamedValue) diag.List {
	var list diag.List
	seen := map[string]bool{}
	for _, o := range opts {
		if seen[o.Name.Value] {
			list.Add(diag.GivenTwice(o.Name.Span, statement, o.Name.Value))
		}
		seen[o.Name.Value] = true
		if d := o.problem(); d != nil {
			list.Add(d)
		}
	}
	return list
}

// step is that of times: kernels count in different fractions of a second, and all have
// tenths.
const step = 100 * time.Millisecond

// problem is what is wrong with the value.
func (o NamedValue) problem() *diag.Diagnostic {
	option, ok := plan.IfOptionNamed(o.Name.Value)
	if !ok || o.Value.Dynamic || o.Name.Dynamic {
		return nil
	}
	var d *diag.Diagnostic
	switch {
	case option.IsFlag():
		d = syntax.OnOff{Text: o.Value.Text}.Problem()
	case option.IsTime():
		d = syntax.Duration{Text: o.Value.Text}.Problem()
		if t := (syntax.Duration{Text: o.Value.Text}).Duration(); d == nil && t%step != 0 {
			d = diag.Errorf(diag.BadDuration, o.Value.Span, "%s is set in steps of %s", option.Name, step)
		}
	case option.IsNumber():
		d = syntax.Int{Text: o.Value.Text}.Problem()
	case len(o.Value.Value) > maxAlias:
		d = diag.Errorf(diag.NameTooLong, o.Value.Span, "an alias has at most %d bytes; this one has %d", maxAlias, len(o.Value.Value))
	}
	if d == nil {
		d = o.outside(option)
	}
	return d
}

// maxAlias is the longest alias in bytes (IFALIASZ, 256, less the closing NUL; <linux/if.h>).
const maxAlias = 255

// outside reports a number or time that is too small or too large.
func (o NamedValue) outside(option plan.IfOption) *diag.Diagnostic {
	text := strconv.Itoa
	code := diag.BadNumber
	if option.IsTime() {
		text, code = func(n int) string { return (time.Duration(n) * plan.Hundredth).String() }, diag.BadDuration
	}
	if option.Outside(o.Value.Value) {
		return diag.Errorf(code, o.Value.Span, "%s is %s to %s, not %s", option.Name, text(option.Min), text(option.Max), o.Value.Value)
	}
	return nil
}

// Of reports an interface that has no such option.
func (o NamedValue) Of(l plan.Link) *diag.Diagnostic {
	option, _ := plan.IfOptionNamed(o.Name.Value)
	switch {
	case option.Of == plan.OfBridge && l.Kind != plan.OfBridge:
		return diag.Errorf(diag.NotABridge, o.Name.Span, "%s is an option of bridges, and %s is none", option.Name, l.Ref()).
			WithHelp("name the bridge")
	case option.Of == plan.OfPort && l.Master == "":
		return diag.Errorf(diag.NotABridge, o.Name.Span, "%s is an option of a bridge's ports, and %s is a port of none", option.Name, l.Ref()).
			WithHelp("make it one first: attach %s -> BRIDGE", l.Ref())
	}
	return nil
}
