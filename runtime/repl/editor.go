package repl

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/chzyer/readline"

	"nsl/runtime/terminal"
)

// Editor reads lines from a person.
type Editor interface {
	// Read shows a prompt and returns the line that was typed. The error is
	// io.EOF for Ctrl-D on an empty line, or [ErrInterrupt] for Ctrl-C.
	Read(p Prompt) (string, error)
	// Remember keeps an input in the history.
	Remember(line string)
	// Close gives the terminal back as it was, and ends a Read that waits.
	Close() error
}

// ErrInterrupt means that Ctrl-C ended the line.
var ErrInterrupt = errors.New("interrupted")

// Prompt is what a line is asked for with.
type Prompt struct {
	Text string
	// Before are the lines of the same statement that were typed already, each with
	// its line ending.
	Before string
	// Question: the line is an answer, not a part of a script. It is not coloured, or
	// completed.
	Question bool
}

// Terminal is what an editor of lines needs.
type Terminal struct {
	In, Out *os.File
	History *History
	// Paint gives a line its colours and puts a hint after it, pos being where
	// the cursor is (code points); the text must take as many columns as the
	// line. Nil leaves lines as they are.
	Paint func(before, line string, pos, width int) string
	// Complete reports what may come at the cursor: a text to insert or, where there
	// are several, the candidates, as lines to show.
	Complete func(before, line string, pos, width int) (insert string, show string)
	// Typed is called at the end of each line, just before Ctrl-C is a signal again and
	// no key any more. Nil does nothing.
	Typed func()
	// Suspend stops this process at Ctrl-Z until it is to go on; nil is
	// terminal.Suspend.
	Suspend func()
}

// lineEditor is an Editor made of github.com/chzyer/readline. That library has a
// goroutine of its own that reads the keys; it calls the methods below, with its
// own lock held in Paint. The prompt is changed only while no line is read.
type lineEditor struct {
	t    Terminal
	keys keyboard
	line *readline.Instance
	raw  *rawMode
	shut sync.Once

	// drawing guards asking, and is held by who writes above the line.
	drawing sync.Mutex
	asking  bool

	mu     sync.Mutex
	prompt Prompt
	width  int
	resize func()
}

// NewEditor opens the terminal. What is written to the io.Writer appears above
// the line that is being typed; a write must end with a line ending. The caller
// closes the editor.
func NewEditor(t Terminal) (Editor, io.Writer, error) {
	if t.Suspend == nil {
		t.Suspend = terminal.Suspend
	}
	keys, err := newKeyboard(t.In)
	if err != nil {
		return nil, nil, err
	}
	e := &lineEditor{t: t, keys: keys, raw: &rawMode{fd: int(t.In.Fd()), stop: t.Suspend}, width: terminal.Width(t.Out)}
	e.line, err = readline.NewEx(&readline.Config{
		Stdin: e.keys, Stdout: t.Out, Stderr: t.Out,
		HistoryLimit: mostHistory, DisableAutoSaveHistory: true, HistorySearchFold: true,
		EOFPrompt: "\n", // none: the question that follows, or the end, says enough
		Listener:  e, Painter: e, AutoComplete: e,
		FuncGetWidth: func() int { return terminal.Width(t.Out) }, FuncIsTerminal: func() bool { return true },
		FuncMakeRaw: e.raw.enter, FuncExitRaw: e.typed,
		FuncOnWidthChanged:  func(f func()) { e.resize = f },
		FuncFilterInputRune: e.filter,
	})
	if err != nil {
		return nil, nil, err
	}
	for _, l := range t.History.Lines() {
		_ = e.line.SaveHistory(l) // it has no file that could fail
	}
	return e, (*above)(e), nil
}

// above writes above the line that is typed. The library's own writer does so only
// while its goroutine waits for a key: not yet when the prompt has just been drawn,
// and not while a key is worked on. What was written then would come after the
// prompt, and the prompt be gone.
type above lineEditor

// betweenKeys is how long the library is given to come back to the keys.
const betweenKeys = 200 * time.Microsecond

func (a *above) Write(b []byte) (int, error) {
	w := a.writer()
	if w == nil {
		again := time.NewTicker(betweenKeys)
		defer again.Stop()
		for ; w == nil; w = a.writer() {
			<-again.C
		}
	}
	defer a.drawing.Unlock()
	return w.Write(b)
}

// writer is what to write to at this moment, with the drawing locked, or nil.
func (a *above) writer() io.Writer {
	a.drawing.Lock()
	switch {
	case !a.asking:
		return a.t.Out
	case a.line.Terminal.IsReading():
		return a.line.Stdout()
	}
	a.drawing.Unlock()
	return nil
}

// ask tells the writers that a prompt is going to be drawn, or is gone.
func (e *lineEditor) ask(asking bool) {
	e.drawing.Lock()
	defer e.drawing.Unlock()
	e.asking = asking
}

// typed gives the terminal back at the end of a line.
func (e *lineEditor) typed() error {
	if e.t.Typed != nil {
		e.t.Typed()
	}
	return e.raw.exit()
}

// Read asks for one line. Where no more keys come, the library waits for ever if it is
// asked again, and a line that was not finished is none.
func (e *lineEditor) Read(p Prompt) (string, error) {
	if e.keys.over() {
		return "", io.EOF
	}
	e.mu.Lock()
	e.prompt = p
	e.mu.Unlock()
	e.line.SetPrompt(p.Text)
	e.ask(true)
	line, err := e.line.Readline()
	e.ask(false)
	switch {
	case errors.Is(err, readline.ErrInterrupt):
		return "", ErrInterrupt
	case err != nil:
		return "", err
	case e.keys.over():
		return "", io.EOF
	}
	_ = e.line.SaveHistory("") // the next Arrow up begins at the end again
	return line, nil
}

// Remember keeps an input in the history.
func (e *lineEditor) Remember(line string) {
	if e.t.History.Add(line) {
		_ = e.line.SaveHistory(line) // it has no file that could fail
	}
}

// Close ends the reading and restores the terminal. Any goroutine may call it,
// and more than once.
func (e *lineEditor) Close() (err error) {
	e.shut.Do(func() {
		// First, or the library would wait for one more key.
		err = errors.Join(e.keys.Close(), e.line.Close(), e.raw.exit())
	})
	return err
}

// OnChange is called after each key, and before the first: the only place where
// a new width may be taken over, for the library guards it by nothing.
func (e *lineEditor) OnChange([]rune, int, rune) (newLine []rune, newPos int, ok bool) {
	if w := terminal.Width(e.t.Out); w != e.width {
		e.width = w
		e.resize()
	}
	return nil, 0, false
}

func (e *lineEditor) now() Prompt {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.prompt
}

// Paint is called with the line as it is shown; a finished one ends with "\n".
func (e *lineEditor) Paint(line []rune, pos int) []rune {
	p := e.now()
	if e.t.Paint == nil || p.Question {
		return line
	}
	text, end := string(line), ""
	if trimmed, done := strings.CutSuffix(text, "\n"); done {
		text, end, pos = trimmed, "\n", -1
	}
	return []rune(e.t.Paint(p.Before, text, pos, terminal.Width(e.t.Out)-width(p.Text)) + end)
}

// Do is called for Tab. It never hands the library several candidates: its menu
// divides by zero where one is wider than the screen, and loses the cursor where
// they need more lines than it has.
func (e *lineEditor) Do(line []rune, pos int) (add [][]rune, offset int) {
	p := e.now()
	if e.t.Complete == nil || p.Question {
		return nil, 0
	}
	insert, show := e.t.Complete(p.Before, string(line), pos, terminal.Width(e.t.Out))
	if show != "" {
		_, _ = io.WriteString(e.line.Stdout(), show)
	}
	if insert == "" {
		return nil, 0
	}
	return [][]rune{[]rune(insert)}, 0
}

const (
	keyClear     = 'L' - '@'
	keyInterrupt = 'C' - '@'
	keySuspend   = 'Z' - '@'
	keyBell      = 'G' - '@' // does nothing outside of a search
)

// filter replaces what the library does wrongly: it clears no screen for Ctrl-L,
// and stops only one of the processes of a sandbox for Ctrl-Z.
func (e *lineEditor) filter(key rune) (rune, bool) {
	switch key {
	case keyClear:
		_, _ = e.t.Out.WriteString(clearScreen)
	case keySuspend:
		e.raw.suspend()
		e.line.Refresh()
		return keyBell, true
	}
	return key, true
}
