package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// Progress is the last line of a terminal, which shows what runs. What else is
// written to the terminal has to go through it.
type Progress struct {
	out   io.Writer
	width int
	now   func() time.Time

	mu      sync.Mutex
	total   int
	done    int
	running []running
	shown   bool
	quit    chan struct{}
	gone    sync.WaitGroup
}

type running struct {
	name  string
	since time.Time
}

// NewProgress shows lines of up to width columns on a terminal until Close.
func NewProgress(out io.Writer, width int) *Progress {
	return &Progress{out: out, width: width, now: time.Now, quit: make(chan struct{})}
}

// refresh is how often the line is written anew.
const refresh = 200 * time.Millisecond

// Begin starts it; total is how many scripts there are.
func (p *Progress) Begin(total int) {
	p.total = total
	p.gone.Go(func() {
		tick := time.NewTicker(refresh)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.mu.Lock()
				p.show()
				p.mu.Unlock()
			case <-p.quit:
				return
			}
		}
	})
}

// Started adds a script to those that run.
func (p *Progress) Started(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = append(p.running, running{name, p.now()})
	p.show()
}

// Finished takes it away.
func (p *Progress) Finished(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if i := slices.IndexFunc(p.running, func(r running) bool { return r.name == name }); i >= 0 {
		p.running = slices.Delete(p.running, i, i+1)
	}
	p.show()
}

// Write writes above the line.
func (p *Progress) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hide()
	n, err := p.out.Write(text)
	return n, err
}

// Close takes the line away.
func (p *Progress) Close() {
	close(p.quit)
	p.gone.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hide()
}

func (p *Progress) hide() {
	if p.shown {
		_, _ = io.WriteString(p.out, eraseLine)
		p.shown = false
	}
}

// show writes the line; that a terminal is gone shows when something else is written.
func (p *Progress) show() {
	var names []string
	for _, r := range p.running {
		names = append(names, fmt.Sprintf("%s %.0fs", r.name, p.now().Sub(r.since).Seconds()))
	}
	line := []rune(fmt.Sprintf("%d/%d  %s", p.done, p.total, strings.Join(names, ", ")))
	if len(line) >= p.width {
		line = append(line[:max(0, p.width-2)], '…')
	}
	_, _ = io.WriteString(p.out, eraseLine+string(line))
	p.shown = true
}
