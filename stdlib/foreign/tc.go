package foreign

import (
	"regexp"
	"strings"

	"nsl/runtime/plan"
)

// shape is tc qdisc add … root netem … where shape says the same: on an interface that has
// no discipline yet. All else is the program's.
func (k *call) shape() bool {
	c, _ := k.next()
	dev, root := "", false
	for len(k.args) > 0 && k.peek() != "netem" {
		switch w, _ := k.next(); w.text {
		case "dev":
			w, ok := k.next()
			if !ok {
				return false
			}
			dev = k.linkName(k.node, w)
		case "root":
			root = true
		default:
			return false
		}
	}
	l, err := k.lab.Link(k.node, dev)
	switch {
	case err != nil || !root:
		return false
	case (c.text == "del" || c.text == "delete") && len(k.args) == 0 && l.Shape != (plan.Shape{}):
		return k.say("shape %s off", k.place(dev))
	case c.text != "add" && c.text != "replace" || len(k.args) < 2 || l.Shape != (plan.Shape{}):
		return false
	}
	words, ok := impairments(texts(k.args[1:]))
	return ok && k.say("shape %s %s", k.place(dev), words)
}

// impairments are the words of netem in those of shape; false for what shape has not.
func impairments(words []string) (string, bool) {
	forms := map[string]string{"delay": `[0-9.]+(us|ms|s)`, "jitter": `[0-9.]+(us|ms|s)`, "rate": `[0-9]+[kmg]?bit`, "limit": `[0-9]+`,
		"loss": `[0-9.]+%`, "duplicate": `[0-9.]+%`, "reorder": `[0-9.]+%`, "corrupt": `[0-9.]+%`}
	var out []string
	last := ""
	for i := 0; i < len(words); i++ {
		name := words[i]
		switch {
		case last == "delay" && regexp.MustCompile("^"+forms["jitter"]+"$").MatchString(name):
			name, i = "jitter", i-1
		case name == "random" && last == "loss", name == "jitter":
			return "", false
		}
		if i+1 >= len(words) || forms[name] == "" || !regexp.MustCompile("^"+forms[name]+"$").MatchString(words[i+1]) {
			return "", false
		}
		out = append(out, name, words[i+1])
		last, i = name, i+1
	}
	return strings.Join(out, " "), len(out) > 0
}
