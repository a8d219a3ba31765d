package shell

import (
	"regexp"
	"sync"
)

// prompt is what listings and terminals show before a command: "$ ", "> ",
// "user@host:~# ", "[root@host ~]# ", "pc1:~$ ", "h1# ". Few runs need it, and each of nsl's processes
// would compile it.
var prompt = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[ \t]*(?:[$>%][ \t]+|\[?[A-Za-z_][\w.-]*@[\w.-]+(?:[: ][^#$\n]{0,80})?[#$][ \t]+|[A-Za-z_][\w.-]*(?::[~/][^#$\n]{0,80})?[#$][ \t]+|(?:ba)?sh-[\d.]+[#$][ \t]+)`)
})

// Prompt is the length of the prompt that a text begins with; 0 where there is none.
func Prompt(text string) int { return len(prompt().FindString(text)) }
