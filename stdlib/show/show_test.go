package show_test

import (
	"bytes"
	"context"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/model"
	"nsl/runtime/plan"
	"nsl/stdlib"
	"nsl/stdlib/show"
)

var updateShow = flag.Bool("update-show", false, "rewrite testdata/show")

// metLab is a model whose red has talked to a neighbour; models themselves
// have empty neighbour tables.
type metLab struct{ *model.Model }

func (metLab) Neighbours(node string) ([]plan.Neighbour, error) {
	if node != "red" {
		return nil, nil
	}
	ip := netip.MustParseAddr
	return []plan.Neighbour{
		{IP: ip("192.168.15.254"), Dev: "veth-red", State: "failed"},
		{IP: ip("192.168.15.2"), Dev: "veth-red", MAC: "02:00:00:00:00:05", State: "reachable"},
		{IP: ip("ff02::1"), Dev: "veth-red", MAC: "33:33:00:00:00:01", State: "noarp"},
	}, nil
}

// labOf is the lab that a script makes.
func labOf(t *testing.T, script string) *verb.LabState {
	t.Helper()
	set := &source.Set{}
	m := model.New()
	if err := m.Apply(plan.Baseline{Node: plan.Host}); err != nil { // as every run begins
		t.Fatal(err)
	}
	tree := stdlib.Table().Split(set.Add("lab.nsl", script))
	if list := check.Tree(set, stdlib.Table(), tree, m); list.HasErrors() {
		t.Fatal(diag.Text{Set: set}.Format(list[0]))
	}
	return verb.NewLabState(metLab{m})
}

// do runs one statement that prints, and returns what it wrote.
func do(t *testing.T, lab *verb.LabState, statement string) (string, error) {
	t.Helper()
	set := &source.Set{}
	parsed, list := stdlib.Table().Parse(stdlib.Table().Split(set.Add("-", statement)).Statements[0])
	if len(list) > 0 {
		t.Fatal(diag.Text{Set: set}.Format(list[0]))
	}
	if n, ok := parsed.Node.(verb.Namer); ok {
		if list := n.Names(lab); len(list) > 0 {
			return "", list
		}
	}
	var out bytes.Buffer
	err := parsed.Node.(verb.Runner).Run(context.Background(), &verb.Env{Lab: lab, Streams: verb.Streams{Out: &out}})
	return out.String(), err
}

// Each file of testdata/show is a script and what the statements named by the
// sections then print.
func TestShow(t *testing.T) {
	files, err := filepath.Glob("testdata/show/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test data: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lab := labOf(t, string(a.Comment))
			for i, f := range a.Files {
				got, err := do(t, lab, f.Name)
				if err != nil {
					t.Errorf("%s: %v", f.Name, err)
				}
				if d := cmp.Diff(string(f.Data), got); d != "" && !*updateShow {
					t.Errorf("%s:\n%s", f.Name, d)
				}
				a.Files[i].Data = []byte(got)
			}
			if *updateShow {
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestShowIsTheSameEachTime(t *testing.T) {
	lab := labOf(t, "ns c a b\nbridge sw <c a b>\nlink a <-> b\n")
	for _, v := range show.Names() {
		first, err := do(t, lab, "show "+v)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if again, _ := do(t, lab, "show "+v); again != first {
				t.Fatalf("show %s: first\n%sthen\n%s", v, first, again)
			}
		}
	}
}

func TestShowRefusesWhatThereIsNot(t *testing.T) {
	lab := labOf(t, "ns red\n")
	for statement, want := range map[string][2]string{
		"show adrs":       {`no table called "adrs"`, `did you mean "addrs"?`},
		"show rde":        {`no table called "rde"`, `did you mean "red"?`},
		"show wombats":    {`no table called "wombats"`, "there are topology, links"},
		"show links bleu": {`no node "bleu"`, "ns bleu"},
	} {
		_, err := do(t, lab, statement)
		list, ok := diag.FromError(err)
		if !ok || !strings.Contains(list[0].Summary, want[0]) || !strings.Contains(list[0].Help, want[1]) {
			t.Errorf("%s: %v", statement, list)
		}
	}
}
