package script

import (
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/write"
	"nsl/runtime/state"
)

// folded are lines with loops where these make the same lab. Made is the lab of the lines, or
// nil.
func (s *saver) folded(lines []string, made *state.Lab) []string {
	short := write.Fold(lines)
	if len(short) == len(lines) {
		return lines
	}
	if made == nil {
		want, list := s.wanted(lines)
		if list.HasErrors() {
			return lines
		}
		made = want.Lab
	}
	after, list := s.wanted(short)
	if list.HasErrors() {
		return lines
	}
	if ops, _ := state.Diff(made, after.Lab); len(ops) > 0 {
		return lines
	}
	return short
}

func (s *saver) wanted(lines []string) (Wanted, diag.List) {
	set := &source.Set{}
	return s.language.Wanted(set.Add("saved", strings.Join(lines, "\n")+"\n"), DefaultOptions(), s.language.Modules(set, "saved"))
}

// comments are findings that would keep the script from running.
func comments(list diag.List) []string {
	var lines []string
	for _, d := range list {
		lines = append(lines, "# "+d.Summary)
	}
	return lines
}
