package repl

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/plan"
	"nsl/stdlib"
)

// closed is an editor whose terminal is closed after the lines.
type closed struct {
	scripted
	close func()
}

func (c *closed) Read(p Prompt) (string, error) {
	if len(c.lines) == 0 {
		c.close()
	}
	return c.scripted.Read(p)
}

// What is deferred does not keep a lab whose terminal is closed, or that a signal ends.
func TestDeferredEndsAfterASignal(t *testing.T) {
	const script = "ns red blue\ndefer exec red sleep 1000\ndefer exec blue sleep 1000"
	for name, run := range map[string]func(context.Context, context.CancelFunc, *prompt){
		"prompt": func(ctx context.Context, cancel context.CancelFunc, p *prompt) {
			_, _ = p.run(ctx, &closed{scripted{strings.Split(script, "\n"), p.out}, cancel}, p.out)
		},
		"script": func(ctx context.Context, cancel context.CancelFunc, p *prompt) {
			tree := p.session.Interp.Table.Split((&source.Set{}).Add("", script+"\nexec red sleep 1000\n"))
			time.AfterFunc(time.Second, cancel)
			_ = p.session.Interp.Run(ctx, tree.Statements)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var ran []string
				w := labtest.NewWorld()
				w.Run = func(ctx context.Context, node string, _ []string, _ plan.Streams) (int, error) {
					ran = append(ran, node)
					<-ctx.Done()
					return 0, ctx.Err()
				}
				var out bytes.Buffer
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				p := newPrompt(Options{Session: engine.NewSession(w, stdlib.Table(), nil, verb.Streams{Out: &out, Err: &out}), Set: &source.Set{}})
				p.out = &out
				began := time.Now()
				run(ctx, cancel, p)
				took := time.Since(began).Truncate(time.Second)
				if took < eval.DeferredTime || took > eval.DeferredTime+time.Second || ran[len(ran)-1] != "blue" {
					t.Errorf("%v, in %v: %s", took, ran, out.String())
				}
			})
		})
	}
}
