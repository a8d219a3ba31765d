package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Tab in a real bash, with the script that nsl prints for it.
func TestBashCompletes(t *testing.T) {
	needProgram(t, "bash")
	script := labHome(t)
	up(t, "X=", script, "mylab")
	s := onTerminal(t, bashWithNSL(t, "X="))
	s.shows("outside> ")
	s.types("source <(nsl completion bash); cd " + filepath.Dir(script) + "; echo sourced $?\r")
	s.shows("sourced 0\r\n")
	s.types("nsl exec my\t")
	s.shows("mylab ")
	s.types("re\t")
	s.shows("red ")
	s.types("echo $((6*7))\r")
	s.shows("42\r\n")
	s.shows("outside> ") // what is typed before would be the program's
	s.types("nsl check l\t")
	s.shows("lab.nsl ")
	s.types("\rnsl compl\t")
	s.shows("completion ")
	s.types("\x03exit\r")
}

// bashWithNSL is a shell for a person, in which nsl is this program.
func bashWithNSL(t *testing.T, token string) *exec.Cmd {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, dir+"/nsl"); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "--norc", "--noprofile", "-i")
	cmd.Env = append(os.Environ(), token, "PS1=outside> ", "PATH="+dir+":"+os.Getenv("PATH"))
	return cmd
}
