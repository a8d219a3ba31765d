package plan

import (
	"fmt"
	"strings"
)

// Command is one shell command, word by word.
type Command []string

// note is a comment of a shell script, where no command does the same.
func note(format string, args ...any) []Command {
	return []Command{{"# " + fmt.Sprintf(format, args...)}}
}

// IsNote reports whether it is a comment, not a command.
func (c Command) IsNote() bool { return len(c) == 1 && strings.HasPrefix(c[0], "# ") }

// String spells the command for a POSIX shell, quoting where it must.
func (c Command) String() string {
	if c.IsNote() {
		return strings.ReplaceAll(c[0], "\n", " ")
	}
	words := make([]string, len(c))
	for i, w := range c {
		words[i] = Quote(w)
	}
	return strings.Join(words, " ")
}

// shellPID is the word for the process number of the shell that runs a command,
// which is in the host's namespace. No word of a script holds a NUL.
const shellPID = "\x00$$"

// Quote spells one word for a POSIX shell.
func Quote(w string) string {
	if w == shellPID {
		return "$$"
	}
	if w != "" && strings.IndexFunc(w, unsafeInShell) < 0 {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}

func unsafeInShell(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune("_-./:,=@%+", r)
}

// ip is an ip(8) command inside a node.
func ip(node string, words ...string) Command {
	c := Command{"ip"}
	if node != Host {
		c = append(c, "-n", node)
	}
	return append(c, words...)
}

// Inside is any command run in a node, as ip-netns(8) does it.
func Inside(node string, words ...string) Command {
	if node == Host {
		return words
	}
	return append(Command{"ip", "netns", "exec", node}, words...)
}
