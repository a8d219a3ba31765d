package keeper

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nsl/lang/diag"

	"golang.org/x/sys/unix"
)

// said is an error as people read it.
func said(err error) string {
	if err == nil {
		return ""
	}
	list, ok := diag.FromError(err)
	if !ok {
		return "no diagnostic: " + err.Error()
	}
	var b strings.Builder
	_ = diag.Text{}.Write(&b, list)
	return b.String()
}

func home(t *testing.T) *Dir {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	d, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestTheDirectoryIsTheUsersAlone(t *testing.T) {
	base := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", base)
	d, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	info, err := os.Stat(filepath.Join(base, "nsl"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info, err)
	}
}

func TestOthersDirectoriesAreRefused(t *testing.T) {
	shared, opened := t.TempDir(), t.TempDir()
	if err := os.Chmod(shared, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(opened, "nsl"), 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(opened, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for base, want := range map[string]string{
		shared: "nsl: error: others may change " + shared + " (mode 0777): nsl keeps no labs there [NSL167]\n    chmod 700 " + shared + "\n",
		opened: "nsl: error: others may change " + opened + "/nsl (mode 0755): nsl keeps no labs there [NSL167]\n    chmod 700 " + opened + "/nsl\n",
		file: "nsl: cannot: labs cannot be kept in " + file + ": not a directory [NSL167]\n" +
			"    set XDG_RUNTIME_DIR to a directory of your own, or unset it\n",
		"/nowhere": "nsl: cannot: labs cannot be kept in /nowhere: no such file or directory [NSL167]\n" +
			"    set XDG_RUNTIME_DIR to a directory of your own, or unset it\n",
	} {
		t.Setenv("XDG_RUNTIME_DIR", base)
		if _, err := Open(); said(err) != want {
			t.Errorf("%s:\n%s\nwant:\n%s", base, said(err), want)
		}
	}
}

func TestAnotherUsersDirectoryIsRefused(t *testing.T) {
	base, owner, me := "/", "root", userName(uint32(os.Geteuid()))
	if os.Geteuid() == 0 {
		base, owner = t.TempDir(), "user 4242424"
		if err := os.Chown(base, 4242424, 0); err != nil {
			t.Skipf("this root cannot give a directory away: %v", err)
		}
	}
	t.Setenv("XDG_RUNTIME_DIR", base)
	_, err := Open()
	want := fmt.Sprintf("nsl: error: %s belongs to %s, not to %s: nsl keeps no labs there [NSL162]\n"+
		"    set XDG_RUNTIME_DIR to a directory of your own, or unset it: su and sudo may have left another user's\n", base, owner, me)
	if said(err) != want {
		t.Errorf("%s\nwant:\n%s", said(err), want)
	}
}

// Another user may have made the name, in a directory that all may write to, a link to
// a directory of this user's.
func TestASymbolicLinkIsNoPlace(t *testing.T) {
	base := t.TempDir()
	victim := filepath.Join(base, "home")
	thesis := filepath.Join(victim, "thesis")
	if err := os.MkdirAll(thesis, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", base)
	link := filepath.Join(base, "nsl")
	for _, to := range []string{victim, "home"} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
		want := "nsl: cannot: labs cannot be kept in " + link + ": too many levels of symbolic links [NSL167]\n" +
			"    set XDG_RUNTIME_DIR to a directory of your own, or unset it\n"
		if os.Geteuid() == 0 {
			if err := os.Lchown(link, 4242424, 4242424); err != nil {
				t.Skipf("this root cannot give a link away: %v", err)
			}
		}
		if _, err := Open(); said(err) != want {
			t.Errorf("%s\nwant:\n%s", said(err), want)
		}
		if err := os.Remove(link); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(thesis); err != nil {
		t.Error(err)
	}
}

// The same where there is no directory of the user's own: the name in /tmp is the
// attacker's to choose.
func TestTheFallbackIsNotFollowed(t *testing.T) {
	victim := t.TempDir()
	if err := os.MkdirAll(filepath.Join(victim, "thesis"), 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "nsl-1000")
	if err := os.Symlink(victim, link); err != nil {
		t.Fatal(err)
	}
	if _, err := openAt(link); !strings.Contains(said(err), "[NSL167]") {
		t.Errorf("%s", said(err))
	}
}

// A named pipe there is no directory, and not waited for.
func TestANamedPipeIsNoPlace(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "nsl-1000")
	if err := unix.Mkfifo(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := openAt(pipe); !strings.Contains(said(err), "not a directory [NSL167]") {
		t.Errorf("%s", said(err))
	}
}

// A directory that was there, with files, is not taken for nsl's.
func TestADirectoryWithOtherFilesIsRefused(t *testing.T) {
	base := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", base)
	dir := filepath.Join(base, "nsl")
	if err := os.MkdirAll(filepath.Join(dir, "thesis"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Open()
	want := "nsl: error: " + dir + " has files that are not nsl's: nsl keeps no labs there [NSL167]\n" +
		"    move them, or set XDG_RUNTIME_DIR to another directory of your own\n"
	if said(err) != want {
		t.Errorf("%s\nwant:\n%s", said(err), want)
	}
	if err := os.Remove(filepath.Join(dir, "thesis")); err != nil {
		t.Fatal(err)
	}
	d, err := Open()
	if err != nil {
		t.Fatal(said(err))
	}
	d.Close()
}

// Without the variable there still is one place, which is the same each time.
func TestThereIsAPlaceWithoutXDG(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", "")
	path, err := place()
	uid := os.Geteuid()
	if err != nil || path != fmt.Sprintf("/run/user/%d/nsl", uid) && path != fmt.Sprintf("/tmp/nsl-%d", uid) {
		t.Errorf("%s %v", path, err)
	}
	t.Setenv("XDG_RUNTIME_DIR", "relative/is/ignored")
	if again, err := place(); err != nil || again != path {
		t.Errorf("%s %v, want %s", again, err, path)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{
		"lab": true, "a.b-c_D9": true, "9": true, strings.Repeat("x", 40): true,
		"": false, ".": false, "..": false, ".lock": false, "-x": false, "a/b": false, "a b": false, "ä": false,
		strings.Repeat("x", 41): false,
	} {
		if ValidName(name) != want {
			t.Errorf("ValidName(%q) = %v", name, !want)
		}
		if clean := CleanName(name); clean != "" && !ValidName(clean) {
			t.Errorf("CleanName(%q) = %q, which is no name", name, clean)
		}
	}
}

func TestLabsAreFoundByName(t *testing.T) {
	d := home(t)
	if _, err := d.Lab("red"); said(err) != "nsl: error: there is no lab \"red\" [NSL160]\n    no lab is running; start one: nsl up FILE --name red\n" {
		t.Error(said(err))
	}
	c, err := d.Claim(Info{Name: "blue", Script: "x.nsl"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Lab("bleu"); said(err) != "nsl: error: there is no lab \"bleu\" [NSL160]\n    did you mean \"blue\"?\n" {
		t.Error(said(err))
	}
	if _, err := d.Lab("../blue"); said(err) != "nsl: error: \"../blue\" cannot be the name of a lab [NSL164]\n"+
		"    a name has letters, digits, - _ and ., at most 40 of them: blue\n" {
		t.Error(said(err))
	}
	if _, err := d.Claim(Info{Name: "blue"}); said(err) != "nsl: error: there is a lab blue already [NSL163]\n"+
		"    make it what a script says: nsl apply FILE blue\n    or take it down: nsl down blue\n    or choose another name: --name NAME\n" {
		t.Error(said(err))
	}
	if lab, err := d.Lab("blue"); err != nil || lab.Script != "x.nsl" {
		t.Errorf("%v %v", lab, err)
	}
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	if names, err := d.Names(); err != nil || len(names) != 0 {
		t.Errorf("%v %v", names, err)
	}
}
