package lab

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/converge"
	"nsl/runtime/engine"
	"nsl/runtime/labtest"
	"nsl/runtime/plan"
	"nsl/runtime/report"
	"nsl/runtime/state"
	"nsl/stdlib"
)

// building is a session that leaves out what a script expects.
type building struct{ *engine.Session }

func (b building) Statement(ctx context.Context, p verb.Parsed, at eval.Situation) error {
	if p.Verb.Role == verb.RoleExpect {
		return nil
	}
	return b.Session.Statement(ctx, p, at)
}

func (b building) Test(context.Context, string, source.Span, func() error) error { return nil }

// becoming is a lab that becomes what scripts say, one after the other.
type becoming struct {
	*testing.T
	server
}

func newBecoming(t *testing.T) *becoming {
	world, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := world.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := world.Apply(t.Context(), plan.Baseline{Node: plan.Host}); err != nil {
		t.Fatal(err)
	}
	pristine, err := state.ReadPristine(world, plan.Host)
	if err != nil {
		t.Fatal(err)
	}
	setup := Setup{Language: script.Language{Table: stdlib.Table(), Library: stdlib.Std()}}
	return &becoming{t, server{Setup: setup, world: world, pristine: pristine}}
}

func (b *becoming) run(name, text string) *run {
	r := b.newRun(script.Script{Name: name, Text: text, Options: script.DefaultOptions()}, verb.Streams{})
	r.observe(&report.Console{Out: b.Output(), Err: b.Output()})
	return r
}

// wants are what scripts say, without those that run programs.
func (b *becoming) wants(files []string) map[string]script.Wanted {
	wants := map[string]script.Wanted{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		set := &source.Set{}
		w, list := b.Wanted(set.Add(file, string(text)), script.DefaultOptions(), b.Modules(set, file))
		if list.HasErrors() {
			b.Fatal(list)
		}
		if !w.Runs {
			wants[file] = w
		}
	}
	return wants
}

// becomes makes the lab what is wanted: nothing may differ then.
func (b *becoming) becomes(want script.Wanted) (dump string) {
	b.Helper()
	s := b.run("lab.nsl", "").session(b.world)
	s.EnableUndo()
	if _, _, err := (converge.Lab{Session: s, Read: b.read}).Become(b.Context(), want); err != nil {
		b.Fatal(err)
	}
	if err := s.Keep(); err != nil {
		b.Fatal(err)
	}
	now, err := b.read(want.Keys)
	if err != nil {
		b.Fatal(err)
	}
	if ops, notes := state.Diff(now, want.Lab); len(ops)+len(notes) > 0 {
		b.Errorf("these are left: %#v %v", ops, notes)
	}
	return b.dump()
}

func (b *becoming) dump() string {
	b.Helper()
	text, err := labtest.Dump(b.world)
	if err != nil {
		b.Fatal(err)
	}
	return text
}

// builds runs a script in the empty lab, unless the kernel lacks what it needs.
func (b *becoming) builds(file string) (dump, lacks string) {
	b.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	r := b.run(file, string(text))
	s := r.session(b.world)
	s.Interp.Host = building{s}
	err = s.Run(b.Context(), r.tree.Statements)
	if list, _ := diag.FromError(err); len(list) > 0 && list[0].Code == diag.NoFeature {
		return "", err.Error()
	}
	if err != nil {
		b.Fatal(err)
	}
	return b.dump(), ""
}

// TestLabsBecomeEachOther makes labs of one another, in random order: each is then as a
// run of its script makes it in an empty lab.
func TestLabsBecomeEachOther(t *testing.T) {
	files, err := filepath.Glob("../../scripts/labs/*.nsl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no labs: %v", err)
	}
	r := rand.New(rand.NewPCG(16, 3)) //nolint:gosec // the same labs each time, in the same order
	r.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	if !labtest.IsNightly() {
		files = files[:8]
	}
	b := newBecoming(t)
	empty := b.wants([]string{os.DevNull})[os.DevNull]
	b.becomes(empty)
	built := map[string]string{}
	wants := b.wants(files)
	for file := range wants {
		var lacks string
		if built[file], lacks = b.builds(file); lacks != "" {
			t.Logf("%s is left out: %s", file, lacks)
			delete(wants, file)
		}
		b.becomes(empty)
	}
	for _, file := range files {
		want, ok := wants[file]
		if !ok {
			continue
		}
		if d := cmp.Diff(built[file], b.becomes(want)); d != "" {
			t.Errorf("%s, built (-) and made of another lab (+):\n%s", file, d)
		}
	}
	b.becomes(empty)
}
