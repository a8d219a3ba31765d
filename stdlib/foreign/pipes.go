package foreign

import (
	"slices"
	"strings"

	"nsl/lang/shell"
)

// pair does both sides of &&. What follows || is done after an error, which ends the
// line here, unless it is there to go on. A pipe is the shell's, but for echo V | tee FILE.
func (r *unroller) pair(p *shell.Pair) error {
	if p.Op == "|" {
		return r.pipe(p)
	}
	switch done, err := r.guarded(p.X, p.Op == "&&", p.Y); {
	case done || err != nil:
		return err
	case p.Op == "||" && !onlyTalks(p.Y):
		return r.byShell(p.Text)
	}
	before := len(r.list)
	if err := r.statement(p.X); err != nil {
		return err
	}
	mine := r.list[before:]
	if p.Op == "||" {
		for _, c := range mine {
			c.mayFail = !c.isCheck()
		}
		return nil
	}
	for _, c := range mine {
		c.needed = true
	}
	if len(mine) > 0 && mine[len(mine)-1].isCheck() && onlyTalks(p.Y) {
		return nil // the check says it
	}
	return r.statement(p.Y)
}

// onlyTalks reports whether a statement changes nothing: echo, true, exit.
func onlyTalks(st shell.Statement) bool {
	s, ok := st.(*shell.Simple)
	if !ok || len(s.Words) == 0 || len(s.Redirects) > 0 {
		return false
	}
	fields, err := s.Words[0].Fields(func(string) (string, bool) { return "", true })
	return err == nil && len(fields) == 1 && slices.Contains([]string{"echo", "printf", "true", ":", "exit", "false"}, fields[0])
}

// pipe is echo V | tee FILE, or what only a shell can do.
func (r *unroller) pipe(p *shell.Pair) error {
	x, okX := p.X.(*shell.Simple)
	y, okY := p.Y.(*shell.Simple)
	if okX && okY && len(x.Assigns)+len(y.Assigns) == 0 {
		left, err := r.words(x.Words)
		if err != nil {
			return err
		}
		right, err := r.words(y.Words)
		if err != nil {
			return err
		}
		right = withoutSudo(right)
		if len(left) > 1 && len(right) > 1 && left[0].text == "echo" && right[0].text == "tee" {
			file := right[len(right)-1]
			sign := ">" + map[bool]string{true: ">"}[right[1].text == "-a"]
			r.list = append(r.list, r.new(&command{words: append(left, word{sign, file.start, file.start}, file)}))
			return nil
		}
	}
	before := len(r.list)
	err := r.byShell(p.Text)
	if err == nil {
		r.list[before].filtered, r.list[before].bash = r.filtered(p), false
	}
	return err
}

// filtered is the command of a pipe whose output others only filter, or nil.
func (r *unroller) filtered(p *shell.Pair) *command {
	y, ok := r.single(p.Y)
	if !ok || !slices.Contains([]string{"grep", "egrep", "awk", "cut", "head", "tail", "sort", "uniq", "wc", "tr", "column", "jq", "less", "more", "cat", "nl"},
		y.words[0].text) || p.Op != "|" {
		return nil
	}
	if inner, ok := p.X.(*shell.Pair); ok {
		return r.filtered(inner)
	}
	x, ok := r.single(p.X)
	if !ok {
		return nil
	}
	return x
}

func withoutSudo(words []word) []word {
	for len(words) > 1 && (words[0].text == "sudo" || strings.HasPrefix(words[0].text, "-")) {
		words = words[1:]
	}
	return words
}
