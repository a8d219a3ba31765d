package foreign

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"nsl/lang/diag"
	"nsl/lang/shell"
)

// Programs are the programs that are known; they implement [verb.Foreign].
type Programs struct {
	table map[string]program
	names []string
	verbs []string
}

// program says what a command of a program is in nsl; the words after its name are in
// the call. It reports false for a command that only the program itself can do.
type program func(c *call) bool

// New makes the table of programs; verbs are the statements of nsl, which a
// mistyped word may be as well.
func New(verbs []string) *Programs {
	p := &Programs{table: map[string]program{}, verbs: verbs}
	for _, group := range []map[string]program{iproute(), netTools(), settings(), filters(), checks(), others(), older()} {
		maps.Copy(p.table, group)
	}
	p.names = slices.Sorted(maps.Keys(p.table))
	return p
}

// Extent implements [verb.Foreign].
func (p *Programs) Extent(text string, inBlock bool) (n int, open bool) {
	prompt := shell.Prompt(text)
	rest := text[prompt:]
	if !p.begins(rest, prompt > 0) {
		return 0, false
	}
	n, open = shell.Extent(rest, inBlock)
	if n == 0 || !plainText(rest[:n]) || prompt == 0 && strings.Contains(rest[:n], "-> ") {
		return 0, false // an arrow is of nsl: ping red -> blue lacks expect
	}
	return prompt + n, open
}

// plainText reports whether a text is UTF-8 and has no control characters.
func plainText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f }) < 0
}

// begins reports whether a text begins with the command of another program; asked: a
// prompt of the shell is before it.
func (p *Programs) begins(text string, asked bool) bool {
	line, _, _ := strings.Cut(text, "\n")
	if len(line) > 1 && (line[0] == '(' || line[0] == '{' && line[1] == ' ') {
		return p.begins(strings.TrimLeft(text[1:], " \t"), asked)
	}
	first, rest, _ := strings.Cut(strings.TrimLeft(strings.TrimRight(line, "\r"), " \t"), " ")
	first = programName(first)
	second, more, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	switch {
	case first == "" || first[0] == '#':
		return false
	case first == "for":
		return shellFor().MatchString(text)
	case first == "if":
		return shellIf().MatchString(text)
	case slices.Contains(p.verbs, first):
		return collides(first, second) || lacksDash(first, second, more)
	case asked || isAssignment(first):
		return true
	case first == "docker": // a function of std/docker, too
		return slices.Contains([]string{"run", "exec", "ps", "network", "build", "pull", "images", "compose", "inspect", "start", "stop", "rm", "logs",
			"container", "volume", "image", "system", "info", "version"}, second)
	case first == "set":
		return isOption(second) || strings.HasPrefix(second, "+") || second == "dev" || near(second, "dev")
	case first == "function" || strings.HasSuffix(first, "()") || second == "()" || strings.HasPrefix(second, "(){"):
		return isFunction().MatchString(line)
	}
	_, known := p.table[first]
	return known || isShellWord(first) || second != "" && joinedIP(first) != "" || p.mistyped(first, second) != ""
}

// programName is the program that a word names: its last part where that is a file of the
// system, and iptables where it is the variant of it that nsl writes.
func programName(word string) string {
	if dir, name := path.Split(word); slices.Contains([]string{"/sbin/", "/usr/sbin/", "/bin/", "/usr/bin/", "/usr/local/sbin/", "/usr/local/bin/"}, dir) {
		word = name
	}
	if name, nft := strings.CutSuffix(word, "-nft"); nft && strings.HasSuffix(name, "tables") {
		return name
	}
	return word
}

// collides reports whether a line that begins with a verb of nsl is the command of the
// program of that name, as its second word shows.
func collides(first, second string) bool {
	switch first {
	case "sysctl":
		return strings.HasPrefix(second, "-") || strings.ContainsAny(second, "=.") || strings.Contains(second, "/")
	case "bridge":
		return slices.Contains([]string{"link", "fdb", "vlan", "mdb", "monitor"}, second) || isOption(second)
	case "test":
		return isOption(second)
	case "nft":
		return second == "" || isDashed(second) || slices.Contains([]string{"add", "create", "insert", "replace", "delete", "destroy", "flush", "list",
			"reset", "rename", "monitor", "describe"}, strings.TrimLeft(second, `'"`)) // all of the command may be one word
	case "iptables", "ip6tables":
		return second == "" || isDashed(second)
	case "route":
		return second == "" || isOption(second) || slices.Contains([]string{"add", "del", "delete", "flush"}, second)
	}
	return false
}

func isOption(word string) bool { return len(word) > 1 && word[0] == '-' && word != "->" }

// shellFor and shellIf are the loops and conditions of a shell: those of nsl have no
// do and no then.
var (
	shellFor = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^for[ \t]+(?:\w+[ \t]+in\b(?:[^<{\n;]|\{[^ \t\n;]|<\()*|\(\([^\n]*\)\)[ \t]*)(?:;[ \t\n]*|\n[ \t]*)do\b`)
	})
	shellIf = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^if[ \t][^\n{]*(?:;[ \t]*|\n[ \t]*)then\b`) })
)

// isFunction is the beginning of a function of the shell.
var isFunction = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:function[ \t]+[\w-]+[ \t]*(?:\([ \t]*\)[ \t]*)?|[\w-]+[ \t]*\([ \t]*\)[ \t]*)(?:\{|$)`)
})

func isAssignment(word string) bool {
	name, _, found := strings.Cut(word, "=")
	return found && name != "" && strings.IndexFunc(name, func(r rune) bool {
		return r != '_' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) < 0 && (name[0] < '0' || name[0] > '9')
}

// isShellWord reports words of the shell, and programs that start others.
func isShellWord(word string) bool {
	return slices.Contains([]string{"sudo", "[", "[[", "while", "until", "nsenter", "bash", "sh", "time", "nohup", "timeout", "env", "export", "readonly", "declare",
		"command", "!", "trap", "alias", "cd", "clear", "type", "pwd"}, word)
}

// joinedIP is what was meant by ip written together with what follows it; "" for other words.
func joinedIP(word string) string {
	rest, ok := strings.CutPrefix(word, "ip")
	switch {
	case slices.Contains([]string{"ipp", "iip", "pi"}, word):
		return "ip"
	case ok && (rest == "-n" || slices.Contains(objects(), rest)):
		return "ip " + rest
	}
	return ""
}

// mistyped is the program whose name was mistyped, or is another on other systems; ""
// where a statement of nsl is as near.
func (p *Programs) mistyped(word, second string) string {
	if lower := strings.ToLower(word); lower != word && p.table[lower] != nil {
		return lower
	}
	if other := map[string]string{"ipconfig": "ifconfig", "tracert": "traceroute"}[word]; other != "" {
		return other
	}
	if len(word) < 4 || strings.ContainsAny(word, ":/.$<\"'") {
		return ""
	}
	near := diag.Nearest(word, p.alike(word))
	if own := diag.Nearest(word, p.verbs); own != "" && (own != near || !collides(near, second)) {
		return ""
	}
	return near
}

// alike are the names of four letters and more that may be near to a word: looking at all
// costs more than reading the line.
func (p *Programs) alike(word string) []string {
	var list []string
	for _, n := range p.names {
		if len(n) > 3 && n[0] == word[0] && len(n)-len(word) <= 2 && len(word)-len(n) <= 2 {
			list = append(list, n)
		}
	}
	return list
}

// First implements [verb.Foreign].
func (p *Programs) First(line string) (word, own string) {
	rest := line[shell.Prompt(line):]
	fields := strings.Fields(rest)
	switch {
	case len(fields) == 0:
		return "", ""
	case len(fields) > 1 && slices.Contains(p.verbs, fields[0]):
		own, _, _ = strings.Cut(fields[1], ":")
	}
	return fields[0], own
}

// environment are variables that a shell has without being set.
func environment() map[string]string {
	return map[string]string{"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "USER": "root", "SHELL": "/bin/bash",
		"PWD": "/", "HOSTNAME": "host", "EUID": "0", "UID": "0", "LANG": "C.UTF-8"}
}

// Variables implements [verb.Foreign].
func (p *Programs) Variables(line string) (reads, sets []string) {
	rest := line[shell.Prompt(line):]
	if list, err := shell.Parse(rest); err == nil {
		for _, st := range list {
			if s, ok := st.(*shell.Simple); ok && len(s.Words) == 0 {
				for _, a := range s.Assigns {
					sets = append(sets, a.Name)
				}
			}
		}
	}
	reads = slices.DeleteFunc(shell.Reads(rest), func(name string) bool { return environment()[name] != "" })
	return reads, sets
}
