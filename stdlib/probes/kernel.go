package probes

import (
	"context"
	"strings"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// kernelProbe is the probe kernel.
type kernelProbe struct {
	Names []syntax.Free `parser:"'kernel' @@+"`
	once
}

// Kernel is the probe kernel.
func Kernel() *verb.Verb {
	return verb.Define[kernelProbe](verb.Spec{
		Name:    "kernel",
		Summary: "the kernel of this machine has a feature",
		Usage:   []string{"kernel FEATURE…"},
		Doc: `Each is tried out, in a namespace of its own. The features are those of
` + "`nsl doctor`" + `: ` + featureList() + `.

` + "`require kernel …`" + ` does not fail where one is missing: it skips the rest of the
test, or of the script, and says what is missing and why. With ` + "`nsl test --no-skip`" + `
it fails.`,
		Examples: []verb.Example{
			{Note: "A lab that needs veth pairs.", Code: "require kernel veth bridge\nns red blue\nlink red <-> blue\nexpect ping red -> blue\n"},
		},
	})
}

func featureList() string {
	var names []string
	for _, f := range plan.Features() {
		names = append(names, "`"+plan.Quote(f)+"`")
	}
	return strings.Join(names, ", ")
}

// Check finds unknown features.
func (e *kernelProbe) Check() diag.List {
	var list diag.List
	for _, name := range e.Names {
		if name.Dynamic {
			continue
		}
		if _, ok := featureOf(name.Value); ok {
			continue
		}
		d := diag.Errorf(diag.BadWord, name.Span, "there is no kernel feature %q", name.Value)
		list.Add(d.WithNearest(name.Value, plan.Features(), "there are %s", strings.Join(plan.Features(), ", ")))
	}
	return list
}

// featureOf is the feature of that name, in capitals or small letters.
func featureOf(name string) (string, bool) {
	for _, f := range plan.Features() {
		if strings.EqualFold(f, name) {
			return f, true
		}
	}
	return "", false
}

// Probe tries each feature.
func (e *kernelProbe) Probe(ctx context.Context, env *verb.Env, _ time.Duration) ([]verb.Answer, error) {
	if list := e.Check(); len(list) > 0 {
		return nil, list
	}
	var answers []verb.Answer
	for _, name := range e.Names {
		feature, _ := featureOf(name.Value)
		f, err := env.Feature(ctx, feature)
		if err != nil {
			return nil, err
		}
		a := verb.Answer{Subject: "kernel " + f.Name, Holds: f.Have, Definite: true, Seen: "it has " + f.Name}
		if !f.Have {
			a.Seen, a.Why, a.Fix = "it lacks "+f.Name, f.Cause, f.Fix
		}
		answers = append(answers, a)
	}
	return answers, nil
}

// Skips says why a requirement that does not hold is no failure.
func (*kernelProbe) Skips(wrong verb.Answer) string {
	reason := strings.Replace(wrong.Seen, "it ", "the kernel ", 1)
	if wrong.Why != "" {
		reason += ": " + wrong.Why
	}
	return reason
}
