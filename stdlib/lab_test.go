package stdlib_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/kernel"
	"nsl/runtime/labtest"
	"nsl/runtime/model"
	"nsl/runtime/plan"
	"nsl/runtime/report"
	"nsl/stdlib"
)

func TestMain(m *testing.M) {
	labtest.ManyAtOnce()
	os.Exit(labtest.Parts{"lab": inSandbox}.Main(m))
}

// labJob is what the test asks of its copy in the sandbox.
type labJob struct {
	Script string
	// Undo: apply every statement, take it back, compare, and apply it again.
	Undo bool
	// Typed: do every statement as one that is typed at the prompt, undo it,
	// compare, and do it again; and in the end undo all.
	Typed bool
	// Files: what the script writes is kept, where the test was started.
	Files bool
	// Modules stand in for those of the library.
	Modules map[string]string
}

// labResult is what comes back.
type labResult struct {
	Out, Err     string
	Held, Failed int
	// State is model.Dump of the lab as the script leaves it.
	State string
}

// runLab runs a script on the kernel, in a sandbox that ends with it. The error
// is what stopped the script, as a person would read it; expectations that do
// not hold are counted and told in out.
func runLab(t *testing.T, script string) (out string, held, failed int, err error) {
	t.Helper()
	r := lab(t, labJob{Script: script})
	if r.Err != "" {
		err = errors.New(r.Err)
	}
	return r.Out, r.Held, r.Failed, err
}

func lab(t *testing.T, j labJob) labResult {
	t.Helper()
	payload, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	var result labResult
	if err := json.Unmarshal([]byte(labtest.InSandbox(t, "lab", string(payload))), &result); err != nil {
		t.Fatal(err)
	}
	return result
}

// inSandbox runs the lab on the kernel of this network namespace.
func inSandbox(payload string, to io.Writer) error {
	var j labJob
	if err := json.Unmarshal([]byte(payload), &j); err != nil {
		return err
	}
	if !j.Files {
		if err := os.Chdir(os.TempDir()); err != nil { // the sandbox's own
			return err
		}
	}
	world, err := kernel.New()
	if err != nil {
		return err
	}
	defer func() { _ = world.Close() }()
	if err := world.Apply(context.Background(), plan.Baseline{Node: plan.Host}); err != nil {
		return err
	}
	set := &source.Set{}
	tree := syntax.Split(set.Add("lab.nsl", j.Script))
	var out bytes.Buffer
	text := diag.Text{Set: set}
	console := &report.Console{Out: &out, Err: &out, Text: text}
	s := engine.NewSession(world, stdlib.Table(), console, verb.Streams{In: os.Stdin, Out: &out, Err: &out})
	s.Interp.Modules = labtest.Modules(set, j.Modules)
	if j.Undo {
		s.Interp.Host = backAndForth{s, &out}
	}
	if err = tree.Diags.Err(); err == nil && j.Typed {
		err = typeAll(s, tree, &out)
	} else if err == nil {
		err = s.Run(context.Background(), tree.Statements)
	}
	result := labResult{Held: s.Held, Failed: s.Failed}
	if list, ok := diag.FromError(err); ok {
		_ = text.Write(&out, list)
		result.Err = list.Error()
	} else if err != nil {
		result.Err = err.Error()
	}
	if result.State, err = model.Dump(world); err != nil {
		return err
	}
	result.Out = out.String()
	return json.NewEncoder(to).Encode(result)
}

// backAndForth is a session that does every statement twice, taking it back in
// between, and reports those after which the lab is not as it was before.
type backAndForth struct {
	*engine.Session
	out io.Writer
}

// Statement is called for each statement when its words have their values.
func (b backAndForth) Statement(ctx context.Context, p verb.Parsed, at eval.Situation) error {
	if err := b.thereAndBack(p); err != nil {
		return err
	}
	return b.Session.Statement(ctx, p, at)
}

func (b backAndForth) thereAndBack(parsed verb.Parsed) error {
	s := b.Session
	planner, ok := parsed.Node.(verb.Planner)
	if !ok || parsed.Verb.Name == "exec" {
		return nil // what a program did cannot be taken back
	}
	before, err := wholeState(s)
	if err != nil {
		return err
	}
	p := verb.NewPlan(s.Lab, parsed.Span)
	planner.Plan(p)
	steps, list := p.Result()
	if err := list.Err(); err != nil {
		return err
	}
	var ops []plan.Op
	for _, step := range steps {
		ops = append(ops, step.Op)
	}
	for _, op := range append(ops, plan.InverseOf(ops)...) {
		if err := s.World.Apply(context.Background(), op); err != nil {
			if d := verb.Refused(parsed.Span, op, err); d.Severity == diag.Machine {
				return diag.List{d}
			}
			return fmt.Errorf("%T %s: %w", op, op.Object(), err)
		}
		s.Lab.Note(op)
	}
	s.Lab.Changed()
	if err := s.World.Commit(); err != nil {
		return err
	}
	after, err := wholeState(s)
	if err == nil && before != after {
		fmt.Fprintf(b.out, "%s is not taken back:\n%s", parsed.Verb.Name, differences(before, after))
		s.Failed++
	} else if err == nil {
		s.Held++
	}
	return err
}

// wholeState is the dump of the lab, with the order of addresses (the first of
// a subnet is its primary) and with what is automatic among them.
func wholeState(s *engine.Session) (string, error) {
	text, err := model.Dump(s.World, model.MACs)
	if err != nil {
		return "", err
	}
	s.Lab.Changed() // its order is to be the kernel's
	book, err := s.Lab.Book()
	if err != nil {
		return "", err
	}
	for _, u := range book.All() {
		text += fmt.Sprintln(u.Ref, u.Addr, u.Auto)
	}
	return text, nil
}

// differences are the lines that only one of two texts has.
func differences(before, after string) string {
	var b strings.Builder
	for line := range strings.Lines(before) {
		if !strings.Contains(after, line) {
			b.WriteString("- " + line)
		}
	}
	for line := range strings.Lines(after) {
		if !strings.Contains(before, line) {
			b.WriteString("+ " + line)
		}
	}
	if b.Len() == 0 {
		return "the order differs:\n" + before + "after:\n" + after
	}
	return b.String()
}

// holds runs a script whose expectations must all hold.
func holds(t *testing.T, script string) {
	t.Helper()
	out, held, failed, err := runLab(t, script)
	if err != nil || failed > 0 || held == 0 {
		t.Errorf("%s\n%v: %d held, %d failed\n%s", script, err, held, failed, out)
	}
}
