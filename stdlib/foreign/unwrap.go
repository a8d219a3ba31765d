package foreign

import (
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/shell"
)

// unwrap takes off what starts another command: sudo, ip netns exec, nsenter, sh -c.
func (r *unroller) unwrap(c *command) error {
	for len(c.words) > 1 {
		first := programName(c.words[0].text)
		switch {
		case first == "sudo" && onlyOptions(c.words[1:]):
			r.list = append(r.list, c)
			return nil
		case first == "sudo":
			c.words = afterOptions(c.words[1:], "-u", "-g")
		case first == "command" && isOption(c.words[1].text):
			r.list = append(r.list, c)
			return nil
		case slices.Contains([]string{"time", "nohup", "exec", "command"}, first):
			c.words = c.words[1:]
		case first == "timeout" && len(c.words) > 2:
			c.words = afterOptions(c.words[1:], "-s", "-k")[1:]
		case first == "env" && len(c.words) > 2 && isAssignment(c.words[1].text):
			c.words = slices.Delete(slices.Clone(c.words), 1, 2)
		case first == "env":
			c.words = c.words[1:]
		case (first == "bash" || first == "sh") && c.words[1].text == "-c" && len(c.words) > 2:
			return r.inner(c, c.words[2])
		case first == "nsenter" && c.enters():
		case strings.EqualFold(first, "ip") && c.execs():
		default:
			r.list = append(r.list, c)
			return nil
		}
	}
	if len(c.words) > 0 {
		r.list = append(r.list, c)
	}
	return nil
}

func onlyOptions(words []word) bool {
	return !slices.ContainsFunc(words, func(w word) bool { return !isOption(w.text) })
}

// afterOptions leaves out options; those that are named have a word after them.
func afterOptions(words []word, withValue ...string) []word {
	for len(words) > 1 && isOption(words[0].text) {
		n := 1
		if slices.Contains(withValue, words[0].text) && len(words) > 2 {
			n = 2
		}
		words = words[n:]
	}
	return words
}

// inner reads what sh -c runs.
func (r *unroller) inner(c *command, text word) error {
	list, err := shell.Parse(text.text)
	if err != nil {
		return diag.List{diag.Errorf(diag.WrongCommand, c.at, "the shell cannot read %q: %v", text.text, err)}
	}
	in := *r
	in.within, in.list = c.within, nil
	if end := text.end - 1; text.start+1 <= end && r.fixed == nil && r.line[text.start+1:end] == text.text {
		in.shift = text.start + 1
	} else {
		in.fixed = &text
	}
	if err := in.statements(list); err != nil {
		return err
	}
	for _, each := range in.list {
		each.edits = append(slices.Clone(c.edits), each.edits...)
	}
	r.list = append(r.list, in.list...)
	return nil
}

// enters is nsenter --net=/var/run/netns/NODE COMMAND.
func (c *command) enters() bool {
	for i, w := range c.words[1:] {
		path := w.text
		for _, option := range []string{"--net=", "-n"} {
			path = strings.TrimPrefix(path, option)
		}
		dir := strings.LastIndexByte(path, '/')
		if dir >= 0 && strings.HasSuffix(path[:dir], "/netns") && i+2 < len(c.words) {
			c.within = &word{path[dir+1:], w.start + strings.Index(w.text, path) + dir + 1, w.end}
			c.words = afterOptions(c.words[i+2:])
			if c.words[0].text == "--" {
				c.words = c.words[1:]
			}
			return true
		}
	}
	return false
}

// execs is ip netns exec NODE COMMAND, and how it is mistyped.
func (c *command) execs() bool {
	i := 1
	for i < len(c.words) && isDashed(c.words[i].text) {
		if abbreviates(strings.TrimLeft(c.words[i].text, "-"), "all", 1) {
			return false // in all nodes
		}
		i++
		if takesNetns(c.words[i-1].text) {
			i++
		}
	}
	if i+3 >= len(c.words) {
		return false
	}
	object, verb := c.words[i], c.words[i+1]
	if !isNetns(object.text) || !abbreviates(verb.text, "exec", 1) && diag.Nearest(verb.text, []string{"exec"}) == "" {
		return false
	}
	if programName(c.words[0].text) != "ip" {
		c.fix(c.words[0], "ip")
	}
	if len(object.text) > 5 || !strings.HasPrefix("netns", object.text) { //nolint:gocritic // an abbreviation begins it
		c.fix(object, "netns")
	}
	if !abbreviates(verb.text, "exec", 1) {
		c.fix(verb, "exec")
	}
	c.within = &c.words[i+2]
	c.words = c.words[i+3:]
	return true
}

func isNetns(text string) bool {
	return abbreviates(text, "netns", 3) || diag.Nearest(text, []string{"netns"}) != ""
}

func takesNetns(option string) bool {
	return isDashed(option) && abbreviates(strings.TrimLeft(option, "-–—"), "netns", 1)
}

// abbreviates reports whether a text is at least n letters of a word's beginning.
func abbreviates(text, whole string, n int) bool {
	return len(text) >= n && strings.HasPrefix(whole, text)
}

func (c *command) fix(w word, text string) {
	c.edits = append(c.edits, edit{w.start, w.end, text})
}

// isCheck reports whether a command asks whether something can be reached.
func (c *command) isCheck() bool {
	if len(c.words) == 0 {
		return false
	}
	_, ok := checks()[c.words[0].text]
	return ok
}
