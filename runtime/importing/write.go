package importing

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"nsl/lang/verb"
)

// writer writes the lab of a recording.
type writer struct {
	Recording
	script string
	// fold: several statements are written as one that does the same.
	fold   bool
	uplink string
	table  *verb.Table

	// levels say, by step, how it is written.
	levels map[int]level
	// extra are statements at the end.
	extra []string
	// refused are statements of steps that the lab does without: what they do is done.
	refused map[owner]bool
	// owners are those of the lines that were written last.
	owners []owner
}

// owner is a statement of a step.
type owner struct{ step, statement int }

// level is how a step is written; each is tried after the one before it has failed.
type level int

const (
	asStatements level = iota
	asProgram
	asComment
)

// noStep owns lines of no step.
const noStep = -1

// write writes the lab.
func (w *writer) write() string {
	items := w.items()
	if w.fold {
		items = folded(items)
	}
	var b strings.Builder
	w.owners = nil
	for _, it := range items {
		b.WriteString(it.text + "\n")
		w.owners = append(w.owners, it.owner)
	}
	return b.String()
}

// items are the lines of the lab: what the steps are, after the comments before them.
func (w *writer) items() (items []item) {
	line := func(text string) { items = append(items, item{owner{step: noStep}, text}) }
	if w.uplink != "" {
		line(uplinkStatement(w.uplink))
	}
	comments := w.comments()
	for i, s := range w.Steps {
		text := w.step(i, s)
		for len(text) > 0 && len(comments) > 0 && comments[0].line < s.Line {
			line(comments[0].text)
			comments = comments[1:]
		}
		for n, t := range text {
			if o := (owner{i, n}); !w.refused[o] || w.levels[i] != asStatements {
				items = append(items, item{o, t})
			}
		}
	}
	for _, text := range w.extra {
		line(text)
	}
	if w.Late {
		line("# the script was still running when its time was up")
	}
	return items
}

// step are the lines of a step.
func (w *writer) step(i int, s Step) []string {
	level := w.levels[i]
	switch {
	case s.Kind == Program && s.PID != 0 && level == asStatements:
		return []string{"spawn" + strings.TrimPrefix(s.execution(), "exec")}
	case s.Kind == Program || s.Kind == Read:
		return nil
	case s.Kind == Check && level == asStatements:
		return w.check(i, s)
	case s.Kind == Check:
		return nil
	case s.Code != 0 && deletes(s):
		return nil
	case s.Code != 0:
		return []string{"# failed: " + oneLine(shellLine(s))}
	case level == asStatements:
		return s.Statements
	case level == asProgram:
		return []string{s.execution()}
	}
	return []string{"# left out: " + oneLine(shellLine(s))}
}

// check is an expectation. One that is repeated until it holds is written once.
func (w *writer) check(i int, s Step) []string {
	if s.Code == 0 {
		return s.Statements
	}
	for _, later := range w.Steps[i+1:] {
		switch {
		case later.Kind == Check && slices.Equal(later.Statements, s.Statements):
			return nil
		case later.Kind == Change || later.Kind == Passed:
			return []string{"expect not" + strings.TrimPrefix(s.Statements[0], "expect")}
		}
	}
	return []string{"expect not" + strings.TrimPrefix(s.Statements[0], "expect")}
}

// deletes reports a command that deletes: what an earlier run has left is not there.
func deletes(s Step) bool {
	return slices.ContainsFunc(s.Argv, func(a string) bool {
		return slices.Contains([]string{"del", "delete", "flush", "-D", "-F", "-X", "delbr", "delif", "down"}, a)
	})
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

type comment struct {
	line int
	text string
}

var commentLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*(#[^!].*)$`) })

// comments are those of the script that are lines of their own.
func (w *writer) comments() (list []comment) {
	for i, l := range strings.Split(w.script, "\n") {
		if m := commentLine().FindStringSubmatch(l); len(m) > 1 && w.table.Foreign.Pasted(m[1]) == "" {
			list = append(list, comment{i + 1, strings.TrimRight(m[1], " \t\r")})
		}
	}
	return list
}

// degrade writes the steps of these lines in another way; it reports whether there is one.
// A statement that is refused is left out first: it may do what is done already.
func (w *writer) degrade(found []Finding) bool {
	did := false
	for _, f := range found {
		if f.Line < 1 || f.Line > len(w.owners) {
			continue
		}
		o := w.owners[f.Line-1]
		switch {
		case o.step == noStep || w.levels[o.step] == asComment:
			continue
		case w.levels[o.step] == asStatements && w.Steps[o.step].Kind == Change && !makesNode(w.Steps[o.step]):
			w.refused[o] = true
		default:
			w.levels[o.step]++
		}
		did = true
	}
	return did
}

// settings are those that the script has written, by node.
func (w *writer) settings() map[string][]string {
	out := map[string][]string{}
	for node, lines := range w.State {
		for _, l := range lines {
			if rest, ok := strings.CutPrefix(l, "setting "); ok {
				key, _, _ := strings.Cut(rest, " = ")
				out[node] = append(out[node], key)
			}
		}
	}
	return out
}

// passed is the number of steps that the program itself does.
func (w *writer) passed() int {
	n := 0
	for i, s := range w.Steps {
		if s.Code == 0 && (s.Kind == Passed && w.levels[i] < asComment || s.Kind == Change && w.levels[i] == asProgram) {
			n++
		}
	}
	return n
}
