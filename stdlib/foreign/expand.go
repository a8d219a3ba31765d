package foreign

import (
	"errors"
	"fmt"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/shell"
	"nsl/lang/syntax"
)

// words are the words that the shell would make of those of a statement.
func (r *unroller) words(list []shell.Word) ([]word, error) {
	var out []word
	for _, w := range list {
		fields, err := r.fields(w)
		if err != nil {
			return nil, err
		}
		for _, f := range fields {
			out = append(out, r.placed(f, w))
		}
	}
	return out, nil
}

func (r *unroller) placed(text string, w shell.Word) word {
	if r.fixed != nil {
		return word{text, r.fixed.start, r.fixed.end}
	}
	return word{text, r.shift + w.Start, r.shift + w.End}
}

func (r *unroller) fields(w shell.Word) ([]string, error) {
	var fields []string
	err := r.expand(func(value func(string) (string, bool)) (err error) {
		fields, err = w.Fields(value)
		return err
	})
	return fields, err
}

// expand has the values of variables used.
func (r *unroller) expand(use func(value func(name string) (string, bool)) error) error {
	var failed error
	err := use(func(name string) (string, bool) {
		if v, ok := r.values[name]; ok || !isAssignment(name+"=") {
			return v, true // $$ and its like are nothing
		}
		v, err := r.outer(name)
		if _, missing := diag.FromError(err); missing && environment()[name] != "" {
			return environment()[name], true
		}
		if err != nil && failed == nil {
			failed = err
		}
		return v, err == nil
	})
	switch {
	case failed != nil:
		return failed
	case errors.Is(err, shell.ErrSubstitution):
		return err
	case err != nil:
		return diag.List{diag.Errorf(diag.WrongCommand, r.at, "%v", err)}
	}
	return nil
}

// assign is NAME=VALUE: a let.
func (r *unroller) assign(list []shell.Assign) error {
	c := r.new(&command{})
	for _, a := range list {
		fields, err := r.fields(a.Value)
		if err != nil {
			return err
		}
		value := strings.Join(fields, " ")
		r.values[a.Name] = value
		c.lets = append(c.lets, fmt.Sprintf("let %s = %s", a.Name, syntax.Quote(value)))
	}
	r.list = append(r.list, c)
	return nil
}

// assignOutput is NAME=$(…): what the command prints becomes the value.
func (r *unroller) assignOutput(s *shell.Simple) error {
	name := s.Assigns[0].Name
	if err := r.byShell(s.Text + `; printf '%s\n' "$` + name + `"`); err != nil {
		return err
	}
	r.list = append(r.list, r.new(&command{lets: []string{"let " + name + " = $out"}}))
	return nil
}
