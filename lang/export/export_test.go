package export_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nsl/lang/export"
	"nsl/lang/script"
	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
	"nsl/stdlib"
)

func TestMain(m *testing.M) { os.Exit(labs.Main(m, nil)) }

// exported is the lab of a script in a format; files are those of a folder.
func exported(t *testing.T, file, format string) string {
	t.Helper()
	l := script.Language{Table: stdlib.Table(), Library: stdlib.Std()}
	_, ops, notes, err := l.Made(file, nil, script.DefaultOptions())
	var out bytes.Buffer
	dir := t.TempDir()
	if err == nil {
		err = export.Lab{File: filepath.Base(file), Ops: ops, Notes: notes}.Write(&out, dir, format)
	}
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(dir + "/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("-- " + filepath.Base(name) + " --\n" + string(b))
	}
	return out.String()
}

func TestFormats(t *testing.T) {
	for _, format := range export.Formats() {
		got, golden := exported(t, "testdata/lab.nsl", format), "testdata/"+format+".golden"
		if os.Getenv("NSL_UPDATE") != "" {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil { //nolint:gosec // no secret
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("%s (NSL_UPDATE=1 writes it):\n%s", format, d)
		}
	}
}

// TestMininetAgrees runs labs under Mininet: what pings what is as under nsl.
func TestMininetAgrees(t *testing.T) {
	labtest.Nightly(t)
	labtest.NeedSandbox(t)
	if _, err := exec.LookPath("mn"); err != nil || os.Getuid() != 0 {
		t.Skip("Mininet is not installed, or needs root")
	}
	for _, lab := range []string{"bridge-and-nat", "students", "ring", "c-through-the-host", "two-uplinks"} {
		t.Run(lab, func(t *testing.T) {
			file := "../../scripts/labs/" + lab + ".nsl"
			from, addrs := addresses(exported(t, file, "dot"))
			pings, asked := "import time\ntime.sleep(2)\n", ""
			for i, node := range from {
				for j, addr := range addrs {
					pings += fmt.Sprintf("print('is %d-%d', net['%s'].cmd('ping -c 1 -W 1 %s > /dev/null 2>&1; echo $?').strip())\n", i, j, node, addr)
					asked += fmt.Sprintf("expect ping %s -> %s\n", node, addr)
				}
			}
			program := filepath.Join(t.TempDir(), "lab.py")
			if err := os.WriteFile(program, []byte(strings.Replace(exported(t, file, "mininet"), "CLI(net)\n", pings, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			said, err := exec.CommandContext(t.Context(), "/usr/bin/python3", program).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := labs.Do(t, labs.Job{Script: string(text) + asked})
			for i, node := range from {
				for j, addr := range addrs {
					holds := strings.Contains(r.Out, fmt.Sprintf("ok  expect ping %s -> %s  (", node, addr))
					if holds != strings.Contains(string(said), fmt.Sprintf("is %d-%d 0\n", i, j)) {
						t.Errorf("%s -> %s: under nsl it is %v", node, addr, holds)
					}
				}
			}
			if t.Failed() {
				t.Logf("%s\n%s", r.Out, said)
			}
		})
	}
}

// addresses are the nodes of a drawing and the first address of each.
func addresses(dot string) (nodes, addrs []string) {
	for line := range strings.Lines(dot) {
		if name, rest, ok := strings.Cut(strings.TrimSpace(line), `" [label=`); ok {
			nodes = append(nodes, strings.Trim(name, `"`))
			_, label, found := strings.Cut(rest, `\n`)
			if f := strings.Fields(label); found && len(f) > 1 {
				addr, _, _ := strings.Cut(f[1], "/")
				addrs = append(addrs, addr)
			}
		}
		for _, part := range strings.Split(line, `\n`)[1:] {
			if addr, _, ok := strings.Cut(part, "/"); ok && strings.Contains(line, " -- ") {
				addrs = append(addrs, addr)
			}
		}
	}
	return nodes, addrs
}
