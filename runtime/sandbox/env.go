package sandbox

import (
	"slices"
	"strings"
)

// home is the home directory of a lab's programs. It is none that a person's
// script may be in.
const home = "/run/home"

// Environ is what a lab gets of an environment: how to find and show things, and
// the variables of these names. Tokens, addresses of agents and the like are not
// among them.
func Environ(env []string, names ...string) []string {
	lab := []string{"HOME=" + home, "USER=root", "LOGNAME=root"}
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		if slices.Contains(harmless(), name) || strings.HasPrefix(name, "LC_") || slices.Contains(names, name) {
			lab = append(lab, e)
		}
	}
	return lab
}

// harmless are variables that say nothing but how to find and show things. GORACE
// is for tests.
func harmless() []string {
	return []string{"PATH", "SHELL", "TERM", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE",
		"LANG", "LANGUAGE", "TZ", "PAGER", "EDITOR", "VISUAL", "LESS", "CI", "GORACE"}
}
