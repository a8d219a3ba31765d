package addrs

import (
	"context"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
)

// auto is the statement auto.
type auto struct {
	Mode syntax.Free `parser:"'auto' @@"`
}

// Auto is the verb auto.
func Auto() *verb.Verb {
	return verb.Define[auto](verb.Spec{
		Name:    "auto",
		Summary: "choose the families of automatic addresses, or turn them off",
		Usage:   []string{"auto off|ipv4|ipv6|dual"},
		Doc: `A ` + "`link` or `bridge`" + ` without addresses gets automatic ones: IPv4 addresses, unless
this statement says otherwise. ` + "`auto off`" + `, at the top of a script, leaves every
interface without an address, for teaching each step by hand. It applies to the
statements that follow.`,
		Examples: []verb.Example{
			{Note: "Nothing is automatic: first the cable, then the addresses.", Code: "auto off\nns red blue\nlink red <-> blue\naddr red 192.168.15.1/24\naddr blue 192.168.15.2/24\nexpect ping red -> blue\n"},
			{Note: "IPv6 only.", Code: "auto ipv6\nns red blue\nlink red <-> blue\nexpect ping red -> fd00:15::2\n"},
		},
	})
}

// autoModes are the words that may follow auto.
func autoModes() map[string]verb.Auto {
	return map[string]verb.Auto{"off": {}, "ipv4": {V4: true}, "ipv6": {V6: true}, "dual": {V4: true, V6: true}}
}

// Check finds unknown modes.
func (a *auto) Check() diag.List {
	if _, ok := autoModes()[a.Mode.Value]; ok {
		return nil
	}
	d := diag.Errorf(diag.BadWord, a.Mode.Span, "auto: there is no mode %q", a.Mode.Value)
	return diag.List{d.WithNearest(a.Mode.Value, []string{"off", "ipv4", "ipv6", "dual"}, "there are off, ipv4, ipv6 and dual")}
}

// Set sets the mode.
func (a *auto) Set(m *verb.LabState) { m.SetAuto(autoModes()[a.Mode.Value]) }

// Run sets the mode.
func (a *auto) Run(_ context.Context, env *verb.Env) error {
	env.SetAuto(autoModes()[a.Mode.Value])
	return nil
}
