package foreign

import (
	"slices"
	"strings"

	"nsl/runtime/nftables"
)

// nft lists, or changes tables. What nsl does not know of it is the program's.
func nft(k *call) bool {
	if k.hasInput && slices.Equal(texts(k.args), []string{"-f", "-"}) {
		return k.nftCommands(k.input)
	}
	if k.hasLetter("fiIcDo", "--file", "--interactive", "--includepath", "--check", "--define", "--optimize") {
		return false
	}
	plain := true
	for isOption(k.peek()) {
		w, _ := k.next()
		plain = plain && w.text == "-n"
	}
	text := strings.Join(texts(k.args), " ")
	command := strings.Fields(text)
	if len(command) > 0 && command[0] == "list" && !strings.ContainsAny(text, ";\n") {
		return k.read("nat")
	}
	return plain && k.nftCommands(text)
}

// nftCommands makes a statement of each command.
func (k *call) nftCommands(text string) bool {
	commands, err := nftables.Parse(text)
	if err != nil || len(commands) == 0 {
		return false
	}
	tables, err := k.lab.Tables(k.node)
	for _, c := range commands {
		words := c.Words()
		for i, w := range words {
			words[i] = argument(w)
		}
		k.say("nft %s %s", k.node, strings.Join(words, " "))
		if err == nil {
			tables, err = c.Apply(tables)
		}
	}
	return err == nil || k.lab.Uncertain()
}
