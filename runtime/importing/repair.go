package importing

import (
	"slices"
	"strings"

	"nsl/runtime/plan"
)

// repair writes in another way what the state differs in: settings are written once more
// at the end, and of the steps that name what differs, the last is left to its program.
// It reports whether there was anything to change.
func (w *writer) repair(differences []string) bool {
	if w.restore() {
		return true
	}
	did := false
	for _, d := range differences {
		d, lacks := strings.CutPrefix(d, "- ")
		node, what, ok := strings.Cut(strings.TrimPrefix(d, "+ "), ": ")
		if !ok {
			continue
		}
		if rest, is := strings.CutPrefix(what, "setting "); is {
			key, value, _ := strings.Cut(rest, " = ")
			did = lacks && w.again("sysctl "+node+" "+assignment(key, value)) || did
			continue
		}
		if i := w.culprit(node, what); i >= 0 {
			w.levels[i] = asProgram
			did = true
		}
	}
	return did
}

// restore leaves the steps of which statements were refused to their programs; it
// reports whether there were any.
func (w *writer) restore() bool {
	did := false
	for o := range w.refused {
		if w.levels[o.step] == asStatements {
			w.levels[o.step] = asProgram
			did = true
		}
	}
	return did
}

// again adds a statement at the end; it reports whether it is new.
func (w *writer) again(statement string) bool {
	if slices.Contains(w.extra, statement) {
		return false
	}
	w.extra = append(w.extra, statement)
	return true
}

// culprit is the last step that changed what a line of the state is about, and is not
// left to its program yet; -1 for none.
func (w *writer) culprit(node, what string) int {
	names := subjects(what)
	for i, s := range slices.Backward(w.Steps) {
		if s.Kind != Change || s.Code != 0 || w.levels[i] != asStatements || s.Argv[0] == "echo" || makesNode(s) {
			continue
		}
		at := s.Node == node || slices.Contains(s.Argv, node)
		if at && slices.ContainsFunc(names, func(n string) bool { return strings.Contains(strings.Join(s.Argv, " "), n) }) {
			return i
		}
	}
	return -1
}

// makesNode reports a step that makes a node, or deletes one: the statement has to.
func makesNode(s Step) bool {
	return slices.ContainsFunc(s.Statements, func(st string) bool {
		return strings.HasPrefix(st, "ns ") || strings.HasPrefix(st, "delete ") && s.Node == plan.Host && len(s.Argv) > 1 && s.Argv[1] == "netns"
	})
}

// subjects are the words of a line of the state by which commands name what it is about.
func subjects(what string) []string {
	kind, rest, _ := strings.Cut(what, " ")
	var names []string
	switch kind {
	case "link", "cable":
		name, _, _ := strings.Cut(rest, " ")
		return []string{name}
	case "nft":
		return []string{"iptables", "nft", "ip6tables"}
	}
	for w := range strings.FieldsSeq(rest) {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "local", "dst", "src", "fwmark", "dev":
			if value != "default" || kind == "route" {
				names = append(names, value)
			}
		}
	}
	return names
}
