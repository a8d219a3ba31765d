package consent

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nsl/lang/script"
	"nsl/runtime/terminal"
)

// asker is a person at a terminal of the test's.
type asker struct {
	Person
	tty *bufio.Reader
	out *os.File
}

func newAsker(t *testing.T) *asker {
	t.Helper()
	outer, inner, err := terminal.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(outer.Close(), inner.Close()) })
	return &asker{Person{Dir: filepath.Join(t.TempDir(), "trust"), In: inner, Out: inner}, bufio.NewReader(outer), outer}
}

// answer types an answer once the question is there.
func (a *asker) answer(t *testing.T, text string, s script.Script) (access script.Access, asked string, err error) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		access, err = a.Access(script.Access{}, s)
	}()
	question, errRead := a.tty.ReadString('?')
	if errRead != nil {
		t.Fatal(errRead)
	}
	if _, err := a.out.WriteString(text + "\n"); err != nil {
		t.Fatal(err)
	}
	<-done
	if _, err := a.tty.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return access, question, err
}

func asking(t *testing.T, grants ...script.Grant) script.Script {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := script.Script{Name: filepath.Join(dir, "lab.nsl"), Text: "ns red\n", Grants: grants, Modules: map[string]string{}}
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "data"), 0o700), os.WriteFile(s.Name, []byte(s.Text), 0o600)); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAPersonIsAskedOnce(t *testing.T) {
	a, s := newAsker(t), asking(t, script.Grant{Kind: script.GrantRead, Name: "data"}, script.Grant{Kind: script.GrantEnv, Name: "TOKEN"})
	if got, _, err := a.answer(t, "n", s); err == nil || len(got.Grants) > 0 {
		t.Errorf("after no: %v, %v", got, err)
	}
	got, question, err := a.answer(t, "y", s)
	if err != nil || len(got.Grants) != 2 || got.Grants[0].Name != filepath.Join(filepath.Dir(s.Name), "data") {
		t.Errorf("after yes: %v, %v", got, err)
	}
	for _, part := range []string{"lab.nsl asks for:", "read this directory with all that is in it", "TOKEN", "read this variable of the environment"} {
		if !strings.Contains(question, part) {
			t.Errorf("no %q in\n%s", part, question)
		}
	}
	// It is remembered, where there is no terminal too.
	silent := Person{Dir: a.Dir, In: os.Stdin, Out: os.Stdout}
	if _, err := silent.Access(script.Access{}, s); err != nil {
		t.Error(err)
	}
	var list strings.Builder
	if err := silent.List(&list); err != nil || list.String() != s.Name+"\n    read=data,env=TOKEN\n" {
		t.Errorf("%q, %v", list.String(), err)
	}
}

// What was agreed to is this script at this place.
func TestAgreementsEnd(t *testing.T) {
	a, s := newAsker(t), asking(t, script.Grant{Kind: script.GrantRead, Name: "data"})
	if _, _, err := a.answer(t, "yes", s); err != nil {
		t.Fatal(err)
	}
	silent := Person{Dir: a.Dir, In: os.Stdin, Out: os.Stdout}
	refused := func(why string, s script.Script) {
		t.Helper()
		if _, err := silent.Access(script.Access{}, s); err == nil {
			t.Error(why)
		}
	}
	changed := s
	changed.Text += "# more\n"
	refused("another text", changed)
	changed = s
	changed.Modules = map[string]string{"m.nsl": "let x = 1\n"}
	refused("another module", changed)
	changed.Modules = map[string]string{"std/lan": "let x = 1\n"}
	if _, err := silent.Access(script.Access{}, changed); err != nil {
		t.Errorf("the library: %v", err)
	}
	moved := asking(t, s.Grants...)
	refused("another place", moved)
	if err := silent.Forget(s.Name); err != nil {
		t.Error(err)
	}
	refused("forgotten", s)
	if err := silent.Forget(s.Name); err == nil {
		t.Error("forgotten twice")
	}
}

func TestWhatAScriptCannotGet(t *testing.T) {
	s := asking(t, script.Grant{Kind: script.GrantWrite, Name: "data"})
	dir := filepath.Dir(s.Name)
	yes := script.Access{AsAsked: true}
	link := filepath.Join(dir, "link")
	for _, target := range []string{"/etc", "..", "/nowhere/at/all", dir + "-more"} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []script.GrantKind{script.GrantRead, script.GrantRun, script.GrantWrite} {
			s.Grants = script.Grants{{Kind: kind, Name: "link"}}
			if got, err := (Person{}).Access(yes, s); err == nil {
				t.Errorf("%s link to %s: %v", kind, target, got)
			}
			s.Grants[0].Name = "link/new/file.txt"
			if got, err := (Person{}).Access(yes, s); err == nil {
				t.Errorf("%s below a link to %s: %v", kind, target, got)
			}
		}
		if err := os.Remove(link); err != nil {
			t.Fatal(err)
		}
	}
	for _, home := range []string{dir, filepath.Join(dir, "data")} {
		t.Setenv("HOME", home)
		s.Grants = script.Grants{{Kind: script.GrantRead, Name: "."}, {Kind: script.GrantRead, Name: "data"}}
		if got, err := (Person{}).Access(yes, s); !strings.Contains(err.Error(), errHome.Error()) {
			t.Errorf("home %s: %v, %v", home, got, err)
		}
	}
	if entries, err := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("made: %v, %v", entries, err)
	}
}

func TestWhatIsToBeWrittenIsMade(t *testing.T) {
	s := asking(t, script.Grant{Kind: script.GrantWrite, Name: "out/deep"}, script.Grant{Kind: script.GrantWrite, Name: "logs/red.log"}, script.Grant{Kind: script.GrantWrite, Name: "data"})
	if _, err := (Person{}).Access(script.Access{}, s); err == nil {
		t.Fatal("it was not refused")
	}
	got, err := Person{}.Access(script.Access{AsAsked: true}, s)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []bool
	for _, g := range got.Grants {
		info, err := os.Stat(g.Name)
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, info.IsDir())
	}
	if !slices.Equal(kinds, []bool{true, false, true}) {
		t.Errorf("directories: %v of %v", kinds, got.Grants)
	}
}

// A list is given instead of what is asked for, and a lab that is trusted has all.
func TestFlagsDecide(t *testing.T) {
	s := asking(t, script.Grant{Kind: script.GrantRead, Name: "data"})
	list := script.Grants{{Kind: script.GrantEnv, Name: "X"}}
	for _, a := range []script.Access{{Trusted: true}, {Grants: list}} {
		if got, err := (Person{}).Access(a, s); err != nil || len(got.Grants) != len(a.Grants) {
			t.Errorf("%+v: %v, %v", a, got, err)
		}
	}
	if got, err := (Person{}).Access(script.Access{Grants: list, AsAsked: true}, s); err != nil || len(got.Grants) != 2 {
		t.Errorf("both: %v, %v", got, err)
	}
}
