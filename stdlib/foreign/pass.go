package foreign

import (
	"strings"

	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// pass lets the program itself do the command, in its node.
func (k *call) pass() {
	k.out.Statements = nil
	if k.hasInput {
		k.shellText("printf %s " + plan.Quote(k.input) + " | " + quoted(k.own()))
		return
	}
	if _, writes := k.output(); writes {
		n := len(k.words)
		k.shellText(quoted(k.words[:n-2]) + " " + k.words[n-2].text + " " + plan.Quote(k.words[n-1].text))
		return
	}
	k.as(k.own()...)
}

// as runs a program in the node.
func (k *call) as(words ...word) {
	argv := make([]string, len(words))
	for i, w := range words {
		argv[i] = argument(w.text)
	}
	k.out.Passed = true
	verb := "exec"
	if k.background {
		verb = "spawn"
	}
	k.say("%s %s %s", verb, k.node, strings.Join(argv, " "))
}

// run is as with words that were not typed.
func (k *call) run(argv ...string) bool {
	words := make([]word, len(argv))
	for i, a := range argv {
		words[i] = word{text: a}
	}
	k.as(words...)
	return true
}

// shellText runs a text in a shell of the node.
func (k *call) shellText(text string) { k.run("sh", "-c", text) }

// argument is a word as exec reads it.
func argument(text string) string {
	if text == "" || strings.ContainsAny(text, " \t\r\n;{}\"'#$\\") || strings.HasPrefix(text, "--may-fail") {
		return syntax.Quote(text)
	}
	return text
}

func quoted(words []word) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = plan.Quote(w.text)
	}
	return strings.Join(list, " ")
}

// byShell has a shell do the text. One that filters what a command prints which only
// reads is answered as that command is.
func (k *call) byShell() {
	shell := map[bool]string{true: "bash", false: "sh"}[k.bash]
	if k.filtered != nil {
		if t, d := k.filtered.Translate(k.lab); d == nil && (len(t.Reads.Argv) > 0 || t.Quiet) {
			k.out.Reads = verb.Reading{Node: k.node, Argv: []string{shell, "-c", k.command.text}, MayFail: !k.needed}
			k.out.Statements, k.out.Asks = t.Statements, true
			return
		}
	}
	k.run(shell, "-c", k.command.text)
}

// only answers with what the program prints, where nsl has nothing like it.
func (k *call) only() bool {
	k.pass()
	k.out.Passed, k.out.Asks = false, true
	k.out.Reads = verb.Reading{Node: k.node, Argv: texts(k.own()), MayFail: !k.needed}
	return true
}
