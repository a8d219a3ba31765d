package engine_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nsl/lang/check"
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/runtime/labtest"
	"nsl/runtime/model"
	"nsl/stdlib"
)

// TestMutants spoils the labs in thousands of ways, and does with each what the
// command line does: check it, and run it if the check has nothing against it.
// NSL_MUTANTS is how many (3000, more in make nightly, fewer for the race detector),
// NSL_MUTANTS_SEED the seed that makes them.
func TestMutants(t *testing.T) {
	usual := 3_000
	if labtest.IsNightly() {
		usual = 30_000
	}
	count, seed := number("NSL_MUTANTS", usual/slowness), number("NSL_MUTANTS_SEED", 20_260_101)
	if testing.Short() {
		count = min(count, 1000)
	}
	t.Logf("%d mutants, NSL_MUTANTS_SEED=%d", count, seed)
	table := stdlib.Table()
	m := newMutator(t, seed)
	var refused, ran, stopped int
	for range count {
		text := m.mutant()
		r := newTrial(table, text)
		r.watched = m.rand.IntN(20) == 0 // telling the whole lab takes its time
		inBubble(t, text, hung, func() {
			switch found, err := r.command(); {
			case found:
				refused++
			case err != nil:
				stopped++
			default:
				ran++
			}
		})
		r.report(t)
	}
	t.Logf("%d refused by the check, %d ran to their end, %d stopped", refused, ran, stopped)
	if refused == 0 || ran == 0 {
		t.Error("these mutants prove nothing")
	}
}

// TestCorpus holds that unspoilt scripts are run to their end within the limits
// of these tests: mutants of what is refused anyway would prove nothing.
func TestCorpus(t *testing.T) {
	table := stdlib.Table()
	for name, text := range corpus(t) {
		if strings.Contains(text, "exec host ip") {
			continue // no program is run here
		}
		r := newTrial(table, text)
		r.watched = true
		inBubble(t, text, hung, func() {
			found, err := r.command()
			if found || err != nil {
				t.Errorf("%s: %v, %v", name, r.check(), err)
			}
		})
		r.report(t)
	}
}

func number(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// command does what nsl run does.
func (r *trial) command() (found bool, err error) {
	list := r.check()
	r.judge(list)
	if list.HasErrors() {
		if n := r.world.Ops(); n > 0 {
			r.breaks("the check changed the world: %q", r.world.Log())
		}
		return true, nil
	}
	err = r.run()
	r.judgeRun(err)
	r.agree(err)
	return false, err
}

// passesThrough reports whether the check met a program, which may change anything: a
// command that no statement does runs as one.
func (r *trial) passesThrough() bool {
	m := model.New()
	check.Walk(r.set, r.table, r.tree, m, check.Options{Limits: r.limits, Modules: r.modules, Env: noEnv, Each: func(check.Step) {}})
	return m.Uncertain()
}

// agree holds that what the check let pass is no mistake of the script, but for
// what only a run can know.
func (r *trial) agree(err error) {
	list, ok := diag.FromError(err)
	if !ok || strings.Contains(r.file.Text, "exec") || r.passesThrough() {
		return
	}
	for _, d := range list {
		if d.Severity == diag.Error && d.Code != diag.LimitHit && d.Code != diag.Interrupted {
			r.breaks("the check had nothing against it, the run has: %s [%s]", d.Summary, d.Code)
		}
	}
}

// mutator makes mutants, the same ones for the same seed.
type mutator struct {
	rand    *rand.Rand
	scripts []string
	words   []string
}

func newMutator(t *testing.T, seed int) *mutator {
	m := &mutator{rand: rand.New(rand.NewPCG(uint64(seed), 0))} //nolint:gosec // chance, not secrets
	scripts := corpus(t)
	for _, name := range slices.Sorted(maps.Keys(scripts)) {
		m.scripts = append(m.scripts, scripts[name])
		if filepath.Dir(name) == "../../scripts/labs" {
			m.scripts = append(m.scripts, scripts[name], scripts[name]) // they are what matters
		}
		tokens, _ := cut(scripts[name])
		m.words = append(m.words, tokens...)
	}
	m.words = append(m.words, "", "\n", ";", "\\", "$", "${", "}", "{", "<", ">", "'", "\"", `"""`, "\x00", "\xff", "§",
		"9999999999999999999", "-1", "0", "::", "0.0.0.0/0", "255.255.255.255/32", "fe80::1", "host", "lo", "*", "1..1000000")
	return m
}

// cut gives the tokens of a text, and what is before each of them and at the end.
func cut(text string) (tokens, gaps []string) {
	set := &source.Set{}
	f := set.Add("", text)
	at := 0
	for _, t := range syntax.Lex(f).Tokens {
		gaps = append(gaps, text[at:t.Span.Start-f.Base])
		tokens = append(tokens, t.Text)
		at = t.Span.End - f.Base
	}
	return tokens, append(gaps, text[at:])
}

func (m *mutator) mutant() string {
	text := m.scripts[m.rand.IntN(len(m.scripts))]
	for range 1 + m.rand.IntN(3) {
		switch m.rand.IntN(4) {
		case 0:
			text = m.spoilLines(text)
		case 1:
			text = m.spoilBytes(text)
		default:
			text = m.spoilTokens(text)
		}
	}
	return text
}

// spoilTokens deletes, doubles, replaces or exchanges tokens.
func (m *mutator) spoilTokens(text string) string {
	tokens, gaps := cut(text)
	if len(tokens) == 0 {
		return text
	}
	i, j := m.rand.IntN(len(tokens)), m.rand.IntN(len(tokens))
	switch m.rand.IntN(5) {
	case 0:
		tokens[i] = ""
	case 1:
		tokens[i] += " " + tokens[i]
	case 2:
		tokens[i], tokens[j] = tokens[j], tokens[i]
	case 3:
		next := min(i+1, len(tokens)-1)
		tokens[i], tokens[next] = tokens[next], tokens[i]
	default:
		tokens[i] = m.words[m.rand.IntN(len(m.words))]
	}
	var b strings.Builder
	for i, t := range tokens {
		b.WriteString(gaps[i] + t)
	}
	return b.String() + gaps[len(gaps)-1]
}

// spoilBytes changes, adds or deletes a byte, or ends the text there.
func (m *mutator) spoilBytes(text string) string {
	if text == "" {
		return text
	}
	const noise = " \t\n;{}()<>\"'$\\#,.:/-=*%0a\x00\xff"
	i, c := m.rand.IntN(len(text)), string(noise[m.rand.IntN(len(noise))])
	switch m.rand.IntN(4) {
	case 0:
		return text[:i] + text[i+1:]
	case 1:
		return text[:i] + c + text[i:]
	case 2:
		return text[:i] + c + text[i+1:]
	}
	return text[:i]
}

// spoilLines deletes, doubles or exchanges lines.
func (m *mutator) spoilLines(text string) string {
	lines := strings.SplitAfter(text, "\n")
	i, j := m.rand.IntN(len(lines)), m.rand.IntN(len(lines))
	switch m.rand.IntN(3) {
	case 0:
		lines[i], lines[j] = lines[j], lines[i]
	case 1:
		lines[i] = ""
	default:
		lines[i] += lines[i]
	}
	return strings.Join(lines, "")
}
