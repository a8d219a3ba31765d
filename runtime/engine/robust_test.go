package engine_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/model"
	"nsl/runtime/plan"
)

// lowLimits end a script soon that only wastes time.
func lowLimits() eval.Limits {
	return eval.Limits{Steps: 1000, Depth: 20, List: 200, Text: 1 << 14, Uses: 4, Nodes: 1000, Links: 10_000}
}

func noEnv(string) (string, bool) { return "", false }

// trial is one script that is checked and run on the world in memory.
type trial struct {
	table   *verb.Table
	limits  eval.Limits
	set     *source.Set
	file    *source.File
	tree    *syntax.Tree
	modules *script.Modules
	// world is where it is run, and session what runs it.
	world   *labtest.World
	session *engine.Session
	// watched: each statement is held to be done wholly or not at all.
	watched bool
	done    *recorder
	// broken are the properties that do not hold.
	broken []string
}

func newTrial(table *verb.Table, script string) *trial {
	r := &trial{table: table, limits: lowLimits(), set: &source.Set{}, world: labtest.NewWorld()}
	r.file = r.set.Add("lab.nsl", script)
	r.tree = table.Split(r.file)
	r.modules = labtest.Modules(table, r.set, nil)
	r.done = &recorder{World: r.world, failAt: -1}
	r.session = engine.NewSession(r.done, table, &quiet{}, verb.Streams{})
	in := r.session.Interp
	in.Name, in.Limits, in.Modules, in.Env = r.file.Name, r.limits, r.modules, noEnv
	in.Host = watcher{r.session, r}
	return r
}

// check is what a run does before anything else.
func (r *trial) check() diag.List {
	return check.Walk(r.set, r.table, r.tree, model.New(),
		check.Options{Limits: r.limits, Modules: r.modules, Env: noEnv, Each: func(check.Step) {}})
}

// run runs it. The clock moves only for those who wait, so that nothing takes
// longer than its work; a minute on it is the most.
func (r *trial) run() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return r.session.Run(ctx, r.tree.Statements)
}

func (r *trial) breaks(format string, args ...any) {
	r.broken = append(r.broken, fmt.Sprintf(format, args...))
}

// moment is the lab at some time, as the ops that made it, with what is remembered
// of it.
type moment struct {
	ops  []plan.Op
	book []plan.AddrUse
	auto verb.Auto
}

func (r *trial) now() moment {
	m := moment{ops: slices.Clip(r.done.ops), auto: r.session.Lab.Auto()}
	book, err := r.session.Lab.Book()
	if err != nil {
		r.breaks("no book of addresses: %v", err)
		return m
	}
	m.book = slices.Clone(book.All())
	return m
}

// text is the moment in words.
func (m moment) text() string { return m.with(replayed(m.ops)) }

// with is the text of a lab, with what is remembered of it.
func (m moment) with(text string, err error) string {
	if err != nil {
		text = err.Error()
	}
	slices.SortFunc(m.book, func(a, b plan.AddrUse) int {
		return cmp.Compare(fmt.Sprint(a.Ref, a.Addr), fmt.Sprint(b.Ref, b.Addr))
	})
	for _, u := range m.book {
		text += fmt.Sprintln(u.Ref, u.Addr, u.Auto)
	}
	return text + fmt.Sprintln(m.auto)
}

// dump is the whole lab, with what is remembered of it.
func (r *trial) dump() string { return r.now().with(labtest.Dump(r.world)) }

// watcher is a session that compares the lab before and after.
type watcher struct {
	*engine.Session
	trial *trial
}

// Statement holds that a statement that fails changes nothing.
func (w watcher) Statement(ctx context.Context, p verb.Parsed, at eval.Situation) error {
	if _, plans := p.Node.(verb.Planner); !w.trial.watched || !plans {
		return w.Session.Statement(ctx, p, at)
	}
	earlier := w.trial.now()
	err := w.Session.Statement(ctx, p, at)
	if err == nil {
		return nil
	}
	if before, after := earlier.text(), w.trial.dump(); after != before {
		w.trial.breaks("%q failed (%v) and changed the lab:\n%s", w.trial.set.Text(p.Span), err, differ(before, after))
	}
	return err
}

// Test holds that a test block changes nothing.
func (w watcher) Test(ctx context.Context, name string, at source.Span, body func() error) error {
	if !w.trial.watched {
		return w.Session.Test(ctx, name, at, body)
	}
	before := w.trial.dump()
	err := w.Session.Test(ctx, name, at, body)
	if after := w.trial.dump(); after != before {
		w.trial.breaks("test %q changed the lab (%v):\n%s", name, err, differ(before, after))
	}
	return err
}

// differ are the lines that only one of two texts has.
func differ(before, after string) string {
	var b strings.Builder
	for _, side := range []struct{ sign, text, other string }{{"- ", before, after}, {"+ ", after, before}} {
		for line := range strings.Lines(side.text) {
			if !strings.Contains(side.other, line) {
				b.WriteString(side.sign + line)
			}
		}
	}
	if b.Len() == 0 {
		return "the order differs:\n" + before + "after:\n" + after
	}
	return b.String()
}

// recorder is a world that keeps the ops that took effect; nil is a Commit.
type recorder struct {
	*labtest.World
	ops []plan.Op
	// forward is the number of ops that statements asked for, and failAt the one
	// of them that fails.
	forward, failAt int
}

func (r *recorder) Apply(ctx context.Context, op plan.Op) error {
	err := r.faultyApply(ctx, op)
	if err == nil {
		r.ops = append(r.ops, op)
	}
	return err
}

func (r *recorder) Commit() error {
	r.ops = append(r.ops, nil)
	return r.World.Commit()
}

// replayed is the lab that recorded ops make of a fresh one.
func replayed(ops []plan.Op) (string, error) {
	m := model.New()
	for _, op := range ops {
		if op == nil {
			if err := m.Commit(); err != nil {
				return "", err
			}
		} else if err := m.Apply(op); err != nil {
			return "", fmt.Errorf("%s: %w", op.Effect().Object, err)
		}
	}
	return labtest.Dump(m)
}

// judgeRun holds the error that a run ended with to what is promised: a
// finding, in words, at a place in one of the files.
func (r *trial) judgeRun(err error) {
	if skip := (*verb.Skip)(nil); err == nil || errors.As(err, &skip) {
		return
	}
	list, ok := diag.FromError(err)
	if !ok {
		r.breaks("the run ended with %T, which is no finding: %v", err, err)
		return
	}
	if !list.HasErrors() {
		r.breaks("the run ended with warnings only: %v", list)
	}
	r.judge(list)
}

// innerWords are words of the program's inside, which no message may hold.
var innerWords = regexp.MustCompile(`participle|unexpected token|%!|goroutine|runtime error|<nil>|invalid Prefix|invalid IP|0x[0-9a-f]{8}|\b(syntax|eval|diag|plan|verb|stdlib)\.[A-Z]`)

// judge holds findings to what is promised of all of them.
func (r *trial) judge(list diag.List) {
	for _, d := range list {
		f := r.set.File(d.Subject.Start)
		switch {
		case f == nil || d.Subject.End > f.Span().End || d.Subject.End < d.Subject.Start:
			r.breaks("%q [%s] is nowhere: %v", d.Summary, d.Code, d.Subject)
		case d.Code == "" || strings.TrimSpace(d.Summary) == "":
			r.breaks("a finding with no words: %+v", *d)
		case innerWords.MatchString(d.Summary+"\n"+d.Help) && !innerWords.MatchString(r.file.Text):
			r.breaks("inner words: %q, %q", d.Summary, d.Help)
		}
	}
}

// hung is after how long a script is taken to run for ever. A hundred pings that are each
// explained take seconds with the race detector on a busy machine.
const hung = 90 * time.Second

// inBubble runs f with a clock that does not wait, and ends the program with
// the script when it takes longer than the deadline on the real one.
func inBubble(t *testing.T, script string, deadline time.Duration, f func()) {
	t.Helper()
	timer := time.AfterFunc(deadline, func() { panic(fmt.Sprintf("after %v still running: %q", deadline, script)) })
	defer timer.Stop()
	synctest.Test(t, func(*testing.T) { f() })
}

// errInjected is what an op fails with that is to fail.
var errInjected = errors.New("injected")
