package labs

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/lab"
	"nsl/runtime/labtest"
	"nsl/runtime/report"
	"nsl/stdlib"
)

// Way is a way to do the statements of a script; what it writes to out is a part
// of the result.
type Way func(s *engine.Session, tree *syntax.Tree, out io.Writer) error

// statements does them as nsl run does.
func statements(s *engine.Session, tree *syntax.Tree, _ io.Writer) error {
	return s.Run(context.Background(), tree.Statements)
}

// Part is one of [labtest.Parts]: it runs a lab on the kernel of its network
// namespace in that way.
func Part(way Way) func(payload string, to io.Writer) error {
	return func(payload string, to io.Writer) error {
		var j Job
		if err := json.Unmarshal([]byte(payload), &j); err != nil {
			return err
		}
		if !j.Files {
			if err := os.Chdir(os.TempDir()); err != nil { // the sandbox's own
				return err
			}
		}
		world, err := lab.Open(context.Background())
		if err != nil {
			return err
		}
		defer func() { _ = world.Close() }()
		result, err := run(world, j, way)
		if err != nil {
			return err
		}
		return json.NewEncoder(to).Encode(result)
	}
}

func run(world *lab.World, j Job, way Way) (Result, error) {
	set := &source.Set{}
	table := stdlib.Table()
	file := set.Add("lab.nsl", j.Script)
	tree := table.Split(file)
	var out bytes.Buffer
	text := diag.Text{Set: set}
	console := &fixing{Console: &report.Console{Out: &out, Err: &out, Text: text}, file: file}
	s := engine.NewSession(world, table, console, verb.Streams{In: os.Stdin, Out: &out, Err: &out})
	s.Interp.Modules = labtest.Modules(table, set, j.Modules)
	err := tree.Diags.Err()
	if err == nil {
		err = way(s, tree, &out)
	}
	result := Result{Held: s.Held, Failed: s.Failed, Fixed: console.fixed}
	if list, ok := diag.FromError(err); ok {
		_ = text.Write(&out, list)
		result.Err = list.Error()
	} else if err != nil {
		result.Err = err.Error()
	}
	result.State, err = labtest.Dump(world)
	result.Out = out.String()
	return result, err
}

// fixing is a console that keeps the script as the first failure would have it.
type fixing struct {
	*report.Console
	file  *source.File
	fixed string
}

// Expected shows the result of an expectation.
func (f *fixing) Expected(st *syntax.Statement, e verb.Expectation) {
	f.Console.Expected(st, e)
	if e.Held || f.fixed != "" {
		return
	}
	fix, ok := report.Failure(st.Span, e).Fix(f.Text.Set)
	if from := fix.Span.Start - f.file.Base; ok && from >= 0 && from <= len(f.file.Text) {
		f.fixed = f.file.Text[:from] + fix.Text + f.file.Text[fix.Span.End-f.file.Base:]
	}
}
