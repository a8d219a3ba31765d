package lsp_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nsl/runtime/labtest"
)

var program labtest.Program

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }

// TestNeovim is a session in an editor: what a person sees, and the text afterwards.
func TestNeovim(t *testing.T) {
	editor, err := exec.LookPath("nvim")
	if err != nil {
		t.Skip("no neovim here")
	}
	dir := t.TempDir()
	script, out := filepath.Join(dir, "a.nsl"), filepath.Join(dir, "out")
	if err := os.WriteFile(script, []byte("ns red blue\nlink red <-> bleu 10.0.0.0/24\nexpect ping red -> blue\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()
	lua, err := filepath.Abs("testdata/neovim.lua")
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(ctx, editor, "--headless", "-u", "NONE", "-i", "NONE", "-c", "luafile "+lua)
	run.Env = append(os.Environ(), "NSL_BINARY="+program.Path(t), "NSL_SCRIPT="+script, "NSL_OUT="+out, "HOME="+dir)
	run.Dir = dir
	if said, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`diagnostic: 2 NSL040 there is no node "bleu"|did you mean "blue"?` + "\n",
		"action: Write blue\n",
		"after the action: ns red blue|link red <-> blue 10.0.0.0/24|expect ping red -> blue\n",
		"red:veth-red 10.0.0.1/24 <-> blue:veth-blue 10.0.0.2/24",
		"definition: 1\n",
		"after the rename: ns green blue|link green <-> blue 10.0.0.0/24|expect ping green -> blue\n",
		"completion: green\n",
		"formatted: ns green blue|link green <-> blue 10.0.0.0/24|expect ping green -> blue|up gr\n",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}
