package lab

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"nsl/runtime/proc"
)

// shellDir is where start-up files of shells are written, in the sandbox's own
// /run.
const shellDir = "/run/nsl-shell"

// shellOf is the user's shell with a prompt that names node and lab ("" names
// none), and its environment. It reads the user's own start-up files first.
func shellOf(lab, node string, env []string) (argv, environ []string, err error) {
	path := cmp.Or(proc.Getenv(env, "SHELL"), "/bin/sh")
	sign := promptSign(lab, node)
	dir := filepath.Join(shellDir, filepath.Base(path)+"-"+node)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, err
	}
	file := func(name, text string) string {
		at := filepath.Join(dir, name)
		if e := os.WriteFile(at, []byte(text), 0o644); e != nil {
			err = e
		}
		return at
	}
	switch filepath.Base(path) {
	case "bash":
		argv = []string{path, "--rcfile", file("bashrc", fmt.Sprintf(bashrc, sign))}
	case "zsh":
		file(".zshenv", zshenv)
		file(".zshrc", fmt.Sprintf(zshrc, sign))
		argv, env = []string{path}, append(env, "NSL_ZDOTDIR="+proc.Getenv(env, "ZDOTDIR"), "ZDOTDIR="+dir)
	case "fish":
		argv = []string{path, "--init-command", fmt.Sprintf(fishInit, sign)}
	default:
		argv, env = []string{path}, append(env, "PS1="+sign+" "+promptEnd())
	}
	return argv, env, err
}

// promptSign is the beginning of a prompt. A name that another program
// gave a node may hold what a shell would read as a command.
func promptSign(lab, node string) string {
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune("\\`$%!'\"", r) || r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, node)
	return "[" + strings.TrimLeft(lab+" ", " ") + plain + "]"
}

// promptEnd is the shell's custom: root, as everyone is in a sandbox, has #.
func promptEnd() string { return "# " }

// The start-up files: those that the shell would have read itself, then the
// prompt.
const (
	bashrc = `[ -r /etc/bash.bashrc ] && . /etc/bash.bashrc
[ -r ~/.bashrc ] && . ~/.bashrc
PS1='%s '"$PS1"
`
	zshenv = `[[ -r ${NSL_ZDOTDIR:-$HOME}/.zshenv ]] && . ${NSL_ZDOTDIR:-$HOME}/.zshenv
`
	zshrc = `ZDOTDIR=${NSL_ZDOTDIR:-$HOME}
unset NSL_ZDOTDIR
[[ -r $ZDOTDIR/.zshrc ]] && . $ZDOTDIR/.zshrc
PROMPT='%s '"$PROMPT"
`
	fishInit = `functions --copy fish_prompt nsl_prompt
function fish_prompt
    printf '%%s ' '%s'
    nsl_prompt
end`
)
