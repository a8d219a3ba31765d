package eval_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/plan"
	"nsl/stdlib"
)

// silent is an observer that keeps the failed expectations.
type silent struct{ failed []string }

func (*silent) Begin(*syntax.Statement)             {}
func (*silent) Done(*syntax.Statement, []plan.Step) {}
func (*silent) Warned(diag.List)                    {}
func (*silent) TestBegun(string, source.Span)       {}
func (*silent) TestEnded(string, int, error)        {}

func (s *silent) Expected(_ *syntax.Statement, e verb.Expectation) {
	if !e.Held {
		s.failed = append(s.failed, e.Answers[0].Subject)
	}
}

// TestBlocksUndo holds a lab in memory to what it was before a test, whether that
// passes, fails, stops with an error, or is inside another; log is what it did.
func TestBlocksUndo(t *testing.T) {
	const lab = `ns red blue r
link red 10.1.0.1/24 <-> r 10.1.0.254/24
link blue 10.2.0.1/24 <-> r 10.2.0.254/24
forward r
route red default via 10.1.0.254
route blue default via 10.2.0.254
let n = 1
`
	for name, c := range map[string]struct {
		body         string
		log          int
		fails, stops bool
	}{
		"nothing":               {"expect ns red", 0, false, false},
		"a link down":           {"down red\nexpect not link red:veth-red up", 1, false, false},
		"routes that fell":      {"down r\nup r\nroute r 10.9.0.0/16 via 10.1.0.1", 2, false, false},
		"new things":            {"ns green\nlink green <-> red\naddr blue 10.3.0.1/24\nsysctl r net.ipv4.ip_forward=0", 4, false, false},
		"things deleted":        {"delete red:veth-red\nns other", 2, false, false},
		"a loop and a function": {"def f(i) { ns x$i; link x$i <-> red noaddr }\nfor i in 1..3 { f $i }\ndefer del addr red:veth-red 10.8.0.1\naddr red:veth-red 10.8.0.1/24", 8, false, false},
		"a failure":             {"down red\nexpect link red:veth-red up", 1, true, false},
		"an error":              {"down red\naddr nowhere 10.0.0.1/24\ndown blue", 1, false, true},
		"tests inside":          {"down red\ntest inner { down blue\ntest more { ns deep } }\nexpect link blue:veth-blue up\nexpect not link red:veth-red up", 3, false, false},
		"a namespace":           {"down blue\ndelete red", 1, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := labtest.NewWorld()
			o := &silent{}
			s := engine.NewSession(w, stdlib.Table(), o, verb.Streams{})
			do := func(text string) error {
				tree := stdlib.Table().Split((&source.Set{}).Add("lab.nsl", text))
				if len(tree.Diags) > 0 {
					t.Fatal(tree.Diags)
				}
				return s.Run(t.Context(), tree.Statements)
			}
			if err := do(lab); err != nil {
				t.Fatal(err)
			}
			before, err := labtest.Dump(w)
			if err != nil {
				t.Fatal(err)
			}
			ops := w.Ops()
			err = do("test \"it\" {\n" + c.body + "\n}")
			if (err != nil) != c.stops || (len(o.failed) > 0) != c.fails {
				t.Errorf("it ends with %v, failed %q", err, o.failed)
			}
			after, err := labtest.Dump(w)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("the lab is another:\n%s", diff)
			}
			if done := w.Ops() - ops; (c.log == 0) != (done == 0) || done < 2*c.log {
				t.Errorf("%d ops were done and undone", done)
			}
		})
	}
}
