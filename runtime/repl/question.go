package repl

import (
	"nsl/runtime/terminal"
	"strings"
)

// allows asks a question whose answer is yes or no: only a yes is one.
func (p *prompt) allows(question string) bool {
	answer, err := p.question(question)
	return err == nil && answer
}

func (p *prompt) question(question string) (yes bool, err error) {
	p.typed.fresh = false
	text := fold(question+" [y/N] ", p.columns())
	if end := strings.LastIndex(text, "\n"); end >= 0 { // the editor draws one line again and again
		p.say("%s", text[:end])
		text = text[end+1:]
	}
	line, err := p.editor.Read(Prompt{Text: text, Question: true})
	return terminal.Yes(line), err
}
