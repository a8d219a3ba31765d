// Command genman writes the manual pages and the completion scripts that go with
// a package of nsl. It builds nsl and asks it for its commands.
//
//	go run ./scripts/genman docs
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
	manual "github.com/spf13/cobra/doc"

	"nsl/lang/doc"
	"nsl/stdlib"
)

//go:generate go run . ../../docs

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: genman DIRECTORY")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "genman:", err)
		os.Exit(1)
	}
}

// write writes the files into man and completion below the directory.
func write(dir string) error {
	tmp, err := os.MkdirTemp("", "genman")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	nsl := filepath.Join(tmp, "nsl")
	build := exec.Command("go", "build", "-o", nsl, "nsl/cmd/nsl")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("go build: %w", err)
	}
	return errors.Join(pages(nsl, filepath.Join(dir, "man")), completions(nsl, filepath.Join(dir, "completion")))
}

// pages writes a manual page for each command.
func pages(nsl, dir string) error {
	text, err := exec.Command(nsl, "commands").Output()
	if err != nil {
		return fmt.Errorf("nsl commands: %w", err)
	}
	var tree doc.Command
	if err := json.Unmarshal(text, &tree); err != nil {
		return err
	}
	if err := empty(dir); err != nil {
		return err
	}
	// A date would make each page another one each month.
	header := &manual.GenManHeader{Section: "1", Source: "nsl", Manual: "nsl", Date: &time.Time{}}
	if err := manual.GenManTree(command(tree), header, dir); err != nil {
		return err
	}
	language := &cobra.Command{Use: "nsl-statements", Short: "the statements and probes of nsl scripts",
		Long: body(doc.Page(stdlib.Table())), DisableAutoGenTag: true, DisableFlagsInUseLine: true}
	header.Section = "7"
	if err := manual.GenManTree(language, header, dir); err != nil {
		return err
	}
	return rewrite(dir, func(page string) string {
		page = strings.Replace(page, ` "Jan 0001" `, ` "" `, 1)
		page = strings.Replace(page, ".SH SEE ALSO\n\\fBnsl-check(1)", more+".SH SEE ALSO\n\\fBnsl-statements(7)\\fP, \\fBnsl-check(1)", 1)
		page = strings.Replace(page, ".SH SYNOPSIS\n\\fBnsl-statements\\fP\n", "", 1)
		return strings.ReplaceAll(page, "[=false]", "")
	})
}

// body is a page without its title; links to other pages, which a manual has
// not, become their texts.
func body(page string) string {
	_, text, _ := strings.Cut(page, "\n# ")
	_, text, _ = strings.Cut(text, "\n")
	return link.ReplaceAllString(anchor.ReplaceAllString(text, ""), "$1")
}

var (
	link   = regexp.MustCompile(`\[([^\]]+)\]\([^)]*\)`)
	anchor = regexp.MustCompile(`<a id="[^"]*"></a>`)
)

// more is what the page of nsl itself says besides its flags (man(7)).
const more = `.SH EXIT STATUS
.TP
0
all expectations held
.TP
1
an expectation failed, or a program that the script ran
.TP
2
the script or the command line is wrong
.TP
3
this machine does not support it
.TP
130
interrupted
.PP
nsl exec and nsl sh exit with the exit code of the program, 126 if it may not be
started, and 127 if it does not exist.
.SH ENVIRONMENT
.TP
NO_COLOR
if set and not empty, no colours are used
.TP
NSL_HISTORY
the file for the lines typed at the prompt; if empty, they are not kept
.TP
XDG_RUNTIME_DIR
its directory nsl holds the names of the running labs
.TP
SHELL
the shell that nsl sh opens
.SH FILES
.TP
~/.config/nsl/rc.nsl
statements that every prompt begins with
.TP
~/.local/state/nsl/history
the lines typed at the prompt
`

// completions writes what nsl completion prints, under the names that the shells
// look for.
func completions(nsl, dir string) error {
	if err := empty(dir); err != nil {
		return err
	}
	for shell, name := range map[string]string{"bash": "nsl", "zsh": "_nsl", "fish": "nsl.fish", "powershell": "nsl.ps1"} {
		text, err := exec.Command(nsl, "completion", shell).Output()
		if err != nil {
			return fmt.Errorf("nsl completion %s: %w", shell, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// empty makes a directory without files: a command that is gone has no page.
func empty(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.MkdirAll(dir, 0o755)
}

func rewrite(dir string, edit func(string) string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	for _, file := range files {
		text, errFile := os.ReadFile(file)
		err = errors.Join(err, errFile, os.WriteFile(file, []byte(edit(string(text))), 0o644))
	}
	return err
}

// command is the command line's command again, from its description.
func command(d doc.Command) *cobra.Command {
	c := &cobra.Command{Use: markdown(d.Use), Short: markdown(d.Short), Long: paragraphs(d.Long), DisableAutoGenTag: true, Run: func(*cobra.Command, []string) {}}
	c.CompletionOptions.DisableDefaultCmd = true
	c.SetHelpCommand(&cobra.Command{Use: "help", Hidden: true})
	for _, f := range d.Flags {
		flag := c.Flags().VarPF(value{f}, f.Name, f.Short, markdown(f.Usage))
		flag.DefValue, flag.NoOptDefVal = f.Default, f.Bare
	}
	for _, sub := range d.Commands {
		c.AddCommand(command(sub))
	}
	return c
}

// value is that of a flag which is only described.
type value struct{ doc.Flag }

func (v value) String() string   { return v.Default }
func (v value) Set(string) error { return nil }
func (v value) Type() string     { return v.Flag.Type }

// markdown writes text so that it is read literally.
func markdown(text string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "<", `\<`, "`", "\\`").Replace(text)
}

// paragraphs sets indented lines off as they stand.
func paragraphs(text string) string {
	var b strings.Builder
	inside := false
	for line := range strings.Lines(text) {
		indented := strings.HasPrefix(line, "  ")
		if indented != inside && strings.TrimSpace(line) != "" {
			b.WriteString("```\n")
			inside = indented
		}
		if inside {
			b.WriteString(strings.TrimPrefix(line, "  "))
		} else {
			b.WriteString(markdown(line))
		}
	}
	if inside {
		b.WriteString("\n```\n")
	}
	return b.String()
}
