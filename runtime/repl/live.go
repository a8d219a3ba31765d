package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/runtime/terminal"
	"nsl/runtime/trace"
)

// sh opens a shell in a node.
func (p *prompt) sh(ctx context.Context, node string) {
	if !p.isNode(node) {
		return
	}
	if p.Shell == nil {
		p.say("there is no shell here")
		return
	}
	_, err := p.Shell(ctx, node)
	p.byHand = append(p.byHand, "sh "+node)
	p.session.Lab.Changed()
	if err != nil {
		p.say("nsl: %v", err)
	}
}

// isNode reports whether there is a node of that name, and prints an error when not.
func (p *prompt) isNode(name string) bool {
	if has, err := p.session.World.HasNode(name); err == nil && has {
		return true
	}
	p.report(diag.List{verb.UnknownNode(p.session.World, syntax.Text{Value: name})})
	return false
}

// betweenLooks is how long a statement that is watched stays on the screen.
const betweenLooks = time.Second

// watch does a statement that shows something again and again, until Ctrl-C.
func (p *prompt) watch(ctx context.Context, args []string) error {
	text := strings.Join(args, " ")
	tree := p.session.Interp.Table.Split(p.Set.Add("watch", text))
	if len(tree.Statements) != 1 {
		return errUsage
	}
	st := tree.Statements[0]
	if v := p.session.Interp.Table.Verb(st.Verb().Text); v == nil || v.Group != verb.Looking && v.Group != verb.Expecting {
		p.say("only what changes nothing is watched: watch show neigh red")
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer p.onInterrupt(cancel)()
	again := time.NewTicker(betweenLooks)
	defer again.Stop()
	for ctx.Err() == nil {
		if !terminal.Dumb() {
			_, _ = io.WriteString(p.out, clearScreen)
		}
		p.say("%s   (every second; Ctrl-C ends it)", text)
		p.session.Mark() // each look is a run of its own as far as limits go
		if err := p.session.Do(ctx, st); err != nil && ctx.Err() == nil {
			list, _ := diag.FromError(err)
			p.report(list)
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
		}
	}
	p.say("")
	return nil
}

// tracing is what trace on started, by interface.
type tracing struct {
	mu   sync.Mutex
	stop map[plan.Ref]context.CancelFunc
	wait sync.WaitGroup
}

// trace starts or stops printing the packets of an interface.
func (p *prompt) trace(ctx context.Context, args []string) error {
	switch {
	case len(args) == 2 && args[0] == "on":
		p.traceOn(ctx, args[1])
	case len(args) == 2 && args[0] == "off":
		node, link, _ := strings.Cut(args[1], ":")
		p.traceOff(func(r plan.Ref) bool {
			return r.Node == node && r.Link == link || r.Node == plan.Host && r.Link == args[1]
		})
	case len(args) == 1 && args[0] == "off":
		p.traceOff(func(plan.Ref) bool { return true })
	default:
		return errUsage
	}
	return nil
}

func (p *prompt) traceOn(ctx context.Context, name string) {
	l, d := verb.FindLink(p.session.Lab, syntax.Endpoint{Text: syntax.Text{Value: name}})
	if d != nil {
		p.report(diag.List{d})
		return
	}
	r := plan.Ref{Node: l.Node, Link: l.Name}
	p.traces.mu.Lock()
	defer p.traces.mu.Unlock()
	if p.traces.stop[r] != nil {
		p.say("%s is traced already", r)
		return
	}
	var socket *trace.Socket
	err := errors.ErrUnsupported
	if p.Lab != nil {
		err = p.Lab.Inside(r.Node, func() (err error) { socket, err = trace.Open(r.Link); return err })
	}
	if err != nil {
		p.report(diag.List{verb.Refused(source.Span{}, nil, err)})
		return
	}
	ctx, p.traces.stop[r] = context.WithCancel(ctx)
	p.traces.wait.Add(1)
	go p.printPackets(ctx, r, socket)
	p.say("tracing %s; trace off stops it", r)
}

// printPackets writes a line for each packet above the line that is typed.
func (p *prompt) printPackets(ctx context.Context, r plan.Ref, socket *trace.Socket) {
	defer p.traces.wait.Done()
	defer socket.Close()
	err := socket.Read(ctx, func(packet trace.Packet) {
		way := "in "
		if packet.Out {
			way = "out"
		}
		line := diag.PlainLine(fmt.Sprintf("%s %s  %s", r, way, packet.Text))
		if p.Color {
			line = paint(styleDim, line)
		}
		_, _ = io.WriteString(p.above, line+"\r\n") // while a program runs, the terminal is raw
	})
	if err != nil {
		fmt.Fprintf(p.above, "trace of %s stopped: %v\n", r, err)
	}
	p.traces.mu.Lock()
	defer p.traces.mu.Unlock()
	delete(p.traces.stop, r)
}

func (p *prompt) traceOff(which func(plan.Ref) bool) {
	p.traces.mu.Lock()
	var ended []string
	for r, stop := range p.traces.stop {
		if which(r) {
			stop()
			ended = append(ended, r.String())
		}
	}
	p.traces.mu.Unlock()
	slices.Sort(ended)
	if len(ended) == 0 {
		p.say("no such trace is running")
		return
	}
	p.say("trace stopped: %s", strings.Join(ended, ", "))
}

// endTraces waits until nothing is printed any more.
func (p *prompt) endTraces() {
	p.traces.mu.Lock()
	for _, stop := range p.traces.stop {
		stop()
	}
	p.traces.mu.Unlock()
	p.traces.wait.Wait()
}
