package foreign

import (
	"errors"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/shell"
)

// loop does the body of a loop for each item, or while a comparison of numbers and texts
// holds. One that repeats a check until it holds waits for it; all others are the shell's.
func (r *unroller) loop(l *shell.Loop) error {
	if l.Word == "for" {
		return r.each(l)
	}
	if held, known := r.compares(l.Cond); known {
		return r.repeat(l, held)
	}
	before := len(r.list)
	if err := r.statements(l.Cond); err != nil {
		return err
	}
	mine := r.list[before:]
	if len(mine) != 1 || !mine[0].isCheck() || !waits(l.Body) {
		r.list = r.list[:before]
		return r.byShell(l.Text)
	}
	mine[0].patient = true
	return nil
}

// waits reports statements that only sleep and print.
func waits(list []shell.Statement) bool {
	for _, st := range list {
		s, ok := st.(*shell.Simple)
		if !ok || !onlyTalks(st) && !strings.HasPrefix(s.Text, "sleep") {
			return false
		}
	}
	return true
}

func (r *unroller) each(l *shell.Loop) error {
	for _, w := range l.Items {
		if w.IsPattern() {
			return r.byShell(l.Text)
		}
	}
	items, err := r.words(l.Items)
	if errors.Is(err, shell.ErrSubstitution) {
		return r.byShell(l.Text)
	}
	if err != nil {
		return err
	}
	old, had := r.values[l.Name]
	for _, item := range items {
		r.values[l.Name] = item.text
		if err := r.statements(l.Body); err != nil {
			return err
		}
	}
	if delete(r.values, l.Name); had {
		r.values[l.Name] = old
	}
	return nil
}

// compares is whether a condition holds that is known without a lab: a comparison of
// numbers, or of texts.
func (r *unroller) compares(cond []shell.Statement) (held func() bool, known bool) {
	if len(cond) != 1 {
		return nil, false
	}
	ask := func() (held, known bool) {
		c, ok := r.single(cond[0])
		if !ok {
			return false, false
		}
		words, ok := testWords(texts(c.words))
		if !ok || len(words) != 3 {
			return false, false
		}
		q := compared(words[0], words[1], words[2])
		return q != nil && q(nil), q != nil
	}
	_, known = ask()
	return func() bool { held, _ := ask(); return held }, known
}

// repeat does the body of a loop while, or until, its condition holds.
func (r *unroller) repeat(l *shell.Loop, held func() bool) error {
	for range maxCommands {
		if held() == (l.Word == "until") {
			return nil
		}
		if err := r.statements(l.Body); err != nil {
			return err
		}
	}
	return diag.List{diag.Errorf(diag.LimitHit, r.at, "a loop of more than %d rounds", maxCommands)}
}
