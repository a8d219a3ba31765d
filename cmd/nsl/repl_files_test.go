package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A name that is typed is opened outside; a file that is there is replaced after a
// question only, and what is written is reached through no link.
func TestTypedNamesAreConsent(t *testing.T) {
	s, home := promptScreen(t)
	written(t, home, map[string]string{"old.pcapng": "old", "kept": "kept"})
	if err := os.Symlink("kept", filepath.Join(home, "link.pcapng")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(".", filepath.Join(home, "dir")); err != nil {
		t.Fatal(err)
	}
	s.answers("ns red", "nsl:1> ")
	s.answers(`capture red:lo "new.pcapng"`, "nsl:1> ")
	s.answers("kill capture", "nsl:1> ")
	s.answers(`capture red:lo "new.pcapng"`, "nsl:1> ") // it is this prompt's own
	s.answers("kill capture", "nsl:1> ")
	s.types("capture red:lo \"old.pcapng\"\r")
	s.shows("old.pcapng is there already. Replace it? [y/N]")
	s.types("n\r")
	s.shows("old.pcapng cannot be written")
	s.asks("nsl:1> ")
	if text, _ := os.ReadFile(filepath.Join(home, "old.pcapng")); string(text) != "old" {
		t.Errorf("it was replaced: %q", text)
	}
	s.types("spawn red --log \"old.pcapng\" sleep 1000\r")
	s.types("y\r")
	s.asks("nsl:1> ")
	for _, name := range []string{"link.pcapng", "dir/kept"} {
		s.types("capture red:lo \"" + name + "\"\ry\r")
		s.shows(name + " cannot be written")
		s.asks("nsl:1> ")
	}
	if text, _ := os.ReadFile(filepath.Join(home, "kept")); string(text) != "kept" {
		t.Errorf("a link was followed: %q", text)
	}
	s.types("save lab.nsl\r")
	s.shows("lab.nsl: ")
	s.leaves()
	// The saved script asks for what was written.
	if out, err := nslCommand("X=", "run", "--grant", filepath.Join(home, "lab.nsl")).CombinedOutput(); err != nil {
		text, _ := os.ReadFile(filepath.Join(home, "lab.nsl"))
		t.Errorf("%v\n%s\n%s", err, out, text)
	}
}

// A script that is loaded was not typed: it asks.
func TestLoadedScriptsAsk(t *testing.T) {
	s, home := promptScreen(t)
	written(t, home, map[string]string{
		"labs/takes.nsl": "capture red:lo \"taken.pcapng\"\n",
		"labs/asks.nsl":  "grant write \"asked.pcapng\"\ncapture red:lo \"asked.pcapng\"\nkill capture\n",
		"labs/mod.nsl":   "def steal() { capture red:lo \"stolen.pcapng\" }\ndef record(file) { capture red:lo $file }\n",
		"labs/up.nsl":    "use \"../above.nsl\"\n",
		"above.nsl":      "def above() { ns blue }\n",
	})
	s.answers("ns red", "nsl:1> ")
	s.types("load labs/takes.nsl\r")
	s.shows(`at the top of the script: grant write "taken.pcapng"`)
	s.asks("nsl:1> ")
	s.types("load labs/asks.nsl\r")
	s.shows("labs/asks.nsl asks to read, change and delete asked.pcapng")
	s.shows("Allow it? [y/N]")
	s.types("n\r")
	s.asks("nsl:1> ")
	s.types("load labs/asks.nsl\r")
	s.types("y\r")
	s.shows("labs/asks.nsl: 3 statements")
	s.asks("nsl:1> ")
	s.answers(`use "labs/mod.nsl"`, "nsl:1> ")
	s.types("steal\r")
	s.shows("stolen.pcapng cannot be written")
	s.asks("nsl:1> ")
	s.answers(`record "typed.pcapng"`, "nsl:1> ")
	s.types("load labs/up.nsl\r")
	s.shows("cannot use ../above.nsl")
	s.asks("nsl:1> ")
	s.types("grant read \"labs\"\r")
	s.shows("a lab that runs gets nothing more")
	s.leaves()
	for name, want := range map[string]bool{
		"labs/taken.pcapng": false, "taken.pcapng": false, "labs/asked.pcapng": true, "stolen.pcapng": false, "labs/stolen.pcapng": false, "typed.pcapng": true,
	} {
		if _, err := os.Stat(filepath.Join(home, name)); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", name, err == nil, want)
		}
	}
}
