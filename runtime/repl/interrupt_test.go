package repl

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/stdlib"
)

// hasty is an editor whose user presses Ctrl-C as soon as a line is typed that
// expects something.
type hasty struct {
	scripted
	interrupts chan os.Signal
}

func (h *hasty) Read(p Prompt) (string, error) {
	line, err := h.scripted.Read(p)
	if strings.HasPrefix(line, "expect") {
		h.interrupts <- os.Interrupt
	}
	return line, err
}

// Ctrl-C is meant for the statement although that has not begun yet.
func TestCtrlCBeforeTheStatementBegins(t *testing.T) {
	var out bytes.Buffer
	s := engine.NewSession(labtest.NewWorld(), stdlib.Table(), nil, verb.Streams{Out: &out, Err: &out})
	interrupts := make(chan os.Signal, 1)
	p := newPrompt(Options{Session: s, Set: &source.Set{}, Interrupts: interrupts})
	p.out = &out
	lines := []string{"ns red", "expect ping red -> 10.0.0.1 within 2s", "ns blue"}
	if _, err := p.run(context.Background(), &hasty{scripted{lines, &out}, interrupts}, &out); err != nil {
		t.Fatal(err)
	}
	// Which of the two is said depends on whether the statement has begun by then.
	interrupted := strings.Contains(out.String(), "interrupted; the statement was undone") ||
		strings.Contains(out.String(), "interrupted; nothing was done from here on")
	if !interrupted || strings.Contains(out.String(), "failed") || !strings.Contains(out.String(), "node blue") {
		t.Errorf("%s", out.String())
	}
	interrupts <- os.Interrupt
	if p.forgetInterrupt(); len(interrupts) != 0 {
		t.Error("an interrupt that came too late is kept")
	}
}
