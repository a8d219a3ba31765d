package stdlib_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// The parts in which labs are run to undo them.
const (
	undoPart  = "undo"
	typedPart = "typed"
)

func TestMain(m *testing.M) {
	os.Exit(labs.Main(m, labtest.Parts{undoPart: labs.Part(thereAndBack), typedPart: labs.Part(typeAll), sequencePart: labs.Part(sequence)}))
}

// thereAndBack does every statement twice, and undoes it in between.
func thereAndBack(s *engine.Session, tree *syntax.Tree, out io.Writer) error {
	s.Interp.Host = backAndForth{s, out}
	return s.Run(context.Background(), tree.Statements)
}

// backAndForth is a session that does every statement twice, undoing it in
// between, and reports those after which the lab is not as it was before.
type backAndForth struct {
	*engine.Session
	out io.Writer
}

// Statement is called for each statement when its words have their values.
func (b backAndForth) Statement(ctx context.Context, p verb.Parsed, at eval.Situation) error {
	if err := b.compare(p, at); err != nil {
		return err
	}
	return b.Session.Statement(ctx, p, at)
}

func (b backAndForth) compare(parsed verb.Parsed, at eval.Situation) error {
	s := b.Session
	if _, ok := parsed.Node.(verb.Planner); !ok {
		return nil
	}
	before, err := wholeState(s)
	if err != nil {
		return err
	}
	err = s.Test(context.Background(), parsed.Verb.Name, parsed.Span, func() error {
		return s.Statement(context.Background(), parsed, at)
	})
	if list, ok := diag.FromError(err); ok && list[0].Code == diag.NotInTest {
		return nil // the prompt undoes it: TestUndoOfEveryVerb
	}
	if err != nil {
		return err
	}
	after, err := wholeState(s)
	if err == nil && before != after {
		fmt.Fprintf(b.out, "%s is not undone:\n%s", parsed.Verb.Name, differences(before, after))
		s.Failed++
	} else if err == nil {
		s.Held++
	}
	return err
}

// wholeState is the dump of the lab, with the order of addresses (the first of
// a subnet is its primary) and with what is automatic among them.
func wholeState(s *engine.Session) (string, error) {
	text, err := labtest.Dump(s.World, labtest.MACs, labtest.Order, labtest.GivenLinkLocal, labtest.Settings)
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
