package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nsl/runtime/labtest"
	"nsl/stdlib"
)

// TestEveryStatementIsColoured compares what Neovim makes of the syntax file with what
// the words of the labs are.
func TestEveryStatementIsColoured(t *testing.T) {
	compare(t, nil, "nvim", "--headless", "-u", "NONE", "-i", "NONE", "-S", "testdata/groups.vim")
}

func TestVim(t *testing.T) {
	labtest.Nightly(t)
	compare(t, nil, "vim", "-es", "-N", "-u", "NONE", "-i", "NONE", "-S", "testdata/groups.vim")
}

// faces are those of Emacs, by the groups of Vim. Operators have none.
var faces = map[string][]string{
	"nslComment": {"font-lock-comment-delimiter-face", "font-lock-comment-face"}, "nslString": {"font-lock-string-face"},
	"nslAddress": {"font-lock-constant-face"}, "nslNumber": {"font-lock-constant-face"}, "nslCall": {"font-lock-function-name-face"},
	"nslExpect": {"font-lock-keyword-face"}, "nslControl": {"font-lock-keyword-face"}, "nslStatement": {"font-lock-keyword-face"},
	"nslNot": {"font-lock-builtin-face"}, "nslProbe": {"font-lock-builtin-face"}, "nslOption": {"font-lock-builtin-face"},
	"nslOperator": {"nil"}, "nslEndpoint": {"font-lock-type-face"},
}

func TestEmacs(t *testing.T) {
	labtest.Nightly(t)
	compare(t, faces, "emacs", "--batch", "-Q", "-l", "testdata/faces.el")
}

// compare has an editor write the colours of the words of the labs, and finds those that are not
// what the words are. Names are those of the editor's colours, nil where they are Vim's.
func compare(t *testing.T, names map[string][]string, editor string, args ...string) {
	t.Helper()
	list := places(t, stdlib.Table())
	var lines strings.Builder
	for _, p := range list {
		fmt.Fprintf(&lines, "%s\t%d\t%d\n", p.file, p.line, p.column)
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "places"), filepath.Join(dir, "groups")
	if err := os.WriteFile(in, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	edit(t, []string{"NSL_PLACES=" + in, "NSL_OUT=" + out, "HOME=" + dir}, editor, args...)
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	found := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(found) != len(list) || len(list) < 1000 {
		t.Fatalf("%d places, %d answers", len(list), len(found))
	}
	for i, p := range list {
		want := p.groups
		if names != nil {
			want = names[p.groups[0]]
		}
		if !slices.Contains(want, found[i]) {
			t.Errorf("%s:%d:%d: %s is %q, not one of %q", p.file, p.line, p.column, p.text, found[i], want)
		}
	}
}

// edit runs an editor to its end, and returns what it prints.
func edit(t *testing.T, env []string, editor string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(editor)
	if err != nil {
		t.Skip(err)
	}
	files, err := filepath.Abs(editors)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	run := exec.CommandContext(ctx, path, args...)
	run.Env = append(append(os.Environ(), "NSL_EDITORS="+files), env...)
	said, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", editor, err, said)
	}
	return string(said)
}

// colour is a sequence that sets how a terminal shows what follows, at the beginning of a text.
var colour = regexp.MustCompile("^\x1b\\[([0-9;]*)m")

// TestBat: bat shows the words of the labs in colours, but for operators.
func TestBat(t *testing.T) {
	labtest.Nightly(t)
	dir := t.TempDir()
	env := []string{"BAT_CACHE_PATH=" + dir, "BAT_CONFIG_DIR=" + filepath.Join(dir, "config")}
	syntaxes := filepath.Join(dir, "config", "syntaxes")
	if err := os.MkdirAll(syntaxes, 0o700); err != nil {
		t.Fatal(err)
	}
	syntax := readLab(t, filepath.Join(editors, "bat", "nsl.sublime-syntax"))
	if err := os.WriteFile(filepath.Join(syntaxes, "nsl.sublime-syntax"), []byte(syntax), 0o600); err != nil {
		t.Fatal(err)
	}
	edit(t, env, "batcat", "cache", "--build")
	shown := map[string][]string{}
	for _, p := range places(t, stdlib.Table()) {
		if shown[p.file] == nil {
			shown[p.file] = strings.Split(edit(t, env, "batcat", "--color=always", "--style=plain", "--theme=ansi", "--wrap=never", "--paging=never", p.file), "\n")
		}
		if p.groups[0] != "nslOperator" && !coloured(shown[p.file][p.line-1], p.column-1) {
			t.Errorf("%s:%d:%d: %s has no colour", p.file, p.line, p.column, p.text)
		}
	}
}

// coloured reports whether the byte at a column of a line has a colour.
func coloured(line string, column int) bool {
	at, set := 0, ""
	for i := 0; i < len(line); {
		if m := colour.FindStringSubmatch(line[i:]); m != nil {
			set = strings.Trim(m[1], "0")
			i += len(m[0])
			continue
		}
		if at == column {
			return set != ""
		}
		at, i = at+1, i+1
	}
	return false
}

// TestNano: nano shows the words that statements begin with in colours.
func TestNano(t *testing.T) {
	labtest.Nightly(t)
	if _, err := exec.LookPath("nano"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	rc, err := filepath.Abs(filepath.Join(editors, "nano", "nsl.nanorc"))
	if err != nil {
		t.Fatal(err)
	}
	config, lab := filepath.Join(dir, "rc"), filepath.Join(dir, "lab.nsl")
	for name, text := range map[string]string{config: "include \"" + rc + "\"\n",
		lab: "# two\nns red blue\nlink red <-> blue mtu 1400\nexpect ping red -> blue\nfor i in 1..2 { up red:veth-red }\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shown := onTerminal(t, "nano --rcfile "+config+" "+lab, "veth-red", "\x18")
	for _, word := range []string{"# two", "ns", "link", "mtu", "1400", "expect", "ping", "for", "up", "red:veth-red"} {
		if !regexp.MustCompile("\x1b\\[[0-9;]+m[ {]*" + word).MatchString(shown) {
			t.Errorf("%s has no colour in\n%q", word, shown)
		}
	}
}

// onTerminal runs a command on a terminal until it has shown a text, and then types keys that
// end it.
func onTerminal(t *testing.T, command, text, keys string) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	run := exec.CommandContext(ctx, "script", "-qec", command, "/dev/null")
	run.Env = append(os.Environ(), "TERM=xterm-256color")
	in, err := run.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	var shown bytes.Buffer
	for typed, b := false, make([]byte, 4096); ; {
		n, err := out.Read(b)
		shown.Write(b[:n])
		if !typed && strings.Contains(shown.String(), text) {
			typed = true
			_, _ = io.WriteString(in, keys) // it may have ended
		}
		if err != nil {
			break
		}
	}
	if err := run.Wait(); err != nil {
		t.Fatalf("%s: %v\n%q", command, err, shown.String())
	}
	return shown.String()
}
