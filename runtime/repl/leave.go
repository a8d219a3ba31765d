package repl

import (
	"errors"
	"fmt"
	"io"
)

// leave ends the conversation, after a question where a lab would be lost.
func (p *prompt) leave() {
	nodes, _ := p.session.World.Nodes()
	if n := len(nodes); !p.Running && n > 0 && p.journal.unsaved() {
		question := fmt.Sprintf("the lab (%s) ends with this prompt; save FILE keeps it as a script. Leave?", count(n, "node"))
		// Ctrl-D, which may have led to the question, is a yes.
		if leave, err := p.question(question); !leave && !errors.Is(err, io.EOF) {
			return
		}
	}
	p.outcome = Left
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
