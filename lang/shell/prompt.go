package shell

import (
	"regexp"
	"strings"
	"sync"
)

// prompt is what listings and terminals show before a command: "$ ", "> ",
// "user@host:~# ", "[root@host ~]# ", "pc1:~$ ", "h1# ", "(base) user@host:~$ ", "/ # ",
// "➜  ~ ".
var prompt = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[ \t]*(?:\([\w.-]+\)[ \t]+)?(?:[$>%❯][ \t]+|➜[ \t]+(?:[~/][^ \t\n]*[ \t]+)?|[~/][^ #$\n]{0,80}[ \t][#$][ \t]+|\[?[A-Za-z_][\w.-]*@[\w.-]+(?:[: ][^#$\n]{0,80})?[#$][ \t]+|[A-Za-z_][\w.-]*(?::[~/][^#$\n]{0,80})?[#$][ \t]+|(?:ba)?sh-[\d.]+[#$][ \t]+)`)
})

// Prompt is the length of the prompt that a text begins with; 0 where there is none.
func Prompt(text string) int {
	if !mayPrompt(text) {
		return 0
	}
	return len(prompt().FindString(text))
}

// mayPrompt reports whether the first line has the signs of a prompt: it spares most
// scripts the compilation.
func mayPrompt(text string) bool {
	line, _, _ := strings.Cut(text, "\n")
	line = strings.TrimLeft(line, " \t")
	return line != "" && (strings.ContainsAny(line[:1], "$>%") || strings.ContainsAny(line, "#$") ||
		strings.HasPrefix(line, "➜") || strings.HasPrefix(line, "❯"))
}
