package repl

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// theEnd is what nothing else writes.
const theEnd = '\x00'

// What is printed while prompts come and go is printed once, and after none of them.
func TestToldWhilePromptsComeAndGo(t *testing.T) {
	screen, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	// Neither is closed: the library's goroutine may look at them for a moment more.
	shown := make(chan string)
	go func() {
		text, _ := bufio.NewReader(screen).ReadString(theEnd)
		shown <- text
	}()
	history, err := OpenHistory("")
	if err != nil {
		t.Fatal(err)
	}
	e, above, err := NewEditor(Terminal{In: tty, Out: tty, History: history})
	if err != nil {
		t.Fatal(err)
	}
	const lines = 300
	for range lines {
		read := make(chan error, 1)
		go func() {
			_, err := e.Read(Prompt{Text: "nsl> "})
			read <- err
		}()
		if _, err := io.WriteString(above, "noted\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := screen.WriteString("\r"); err != nil {
			t.Fatal(err)
		}
		if err := <-read; err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if _, err := tty.WriteString(string(theEnd)); err != nil {
		t.Fatal(err)
	}
	out := <-shown
	if n := strings.Count(out, "noted"); n != lines {
		t.Errorf("%d of %d are printed", n, lines)
	}
	if at := strings.Index(out, "nsl> noted"); at >= 0 {
		t.Errorf("printed after a prompt: %q", out[max(0, at-100):at+20])
	}
}
