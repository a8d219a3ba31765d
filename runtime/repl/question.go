package repl

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// sure asks a question whose answer is yes or no. Ctrl-D, which may have led to
// it, is a yes.
func (p *prompt) sure(format string, args ...any) bool {
	answer, err := p.question(fmt.Sprintf(format, args...))
	return errors.Is(err, io.EOF) || answer
}

// allows asks for the person's consent: only a yes is one.
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
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes", err
}
