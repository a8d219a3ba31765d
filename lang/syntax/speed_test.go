package syntax

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"nsl/lang/source"
)

// TestNoHang holds that no text takes more than linear time: 100 KB of
// anything take some ten milliseconds, and many seconds if each byte costs a
// look at all the others.
func TestNoHang(t *testing.T) {
	const size, limit = 100_000, 3 * time.Second
	for _, unit := range []string{"<", "{", "(", `"`, "'", `"""`, "${", "x ${", `"${`, "<{", "({", "<;", "<}", "(<)", "<\n", "{\n", "x {\n",
		"(\n", "x <a\n", ">", "}", ")", "\\", "\\\n", "a\\ ", "#", "-", "->", "<-", ",", "\x00", "\xff", "x", " ", "\n", ";", "< ", "< \\\n",
		"${\"", "\"\"\"${", "“", "x { ", "}{", "<(", "\r", "< \\"} {
		text := strings.Repeat(unit, size/len(unit))
		set := &source.Set{}
		start := processorTime(t)
		Split(set.Add("f", text))
		if took := processorTime(t) - start; took > limit {
			t.Errorf("%q: %v for %d bytes", unit, took, size)
		} else if testing.Verbose() {
			t.Logf("%q: %v", unit, took)
		}
	}
}

// script60k is a script of 60,000 statements such as people write.
func script60k() string {
	return strings.Repeat(`ns red; ns "blue" # two
link red:eth0<->blue:eth0 10.0.0.1/24 10.0.0.2/24
if $n > 1 { bridge v-net-0 <red blue green> }
expect ping red -> blue count 3 loss < 1%
`, 10_000)
}

func TestManyStatements(t *testing.T) {
	set := &source.Set{}
	start := processorTime(t)
	tree := Split(set.Add("f", script60k()))
	took := processorTime(t) - start
	n := 0
	count(tree.Statements, func(*Statement) { n++ })
	t.Logf("%v of processor time", took)
	if n != 60_000 || len(tree.Diags) > 0 {
		t.Errorf("%d statements and %v", n, tree.Diags)
	}
	if took > 3*time.Second { // 40 ms; some ten times that with the race detector
		t.Errorf("took %v", took)
	}
}

// processorTime is what this process has used of the processors: the machine may
// be busy with something else.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkSplit60kStatements(b *testing.B) {
	set := &source.Set{}
	f := set.Add("f", script60k())
	b.SetBytes(int64(len(f.Text)))
	b.ReportAllocs()
	for b.Loop() {
		Split(f)
	}
}
