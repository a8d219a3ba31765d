package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nsl/lang/source"
	"nsl/runtime/keeper"
	"nsl/runtime/plan"
)

// upOptions are the flags of up.
type upOptions struct {
	Name string
	Keep bool
	Run  runOptions
}

func upCommand() *cobra.Command {
	var o upOptions
	c := &cobra.Command{
		Use:   "up FILE [-- ARGUMENT…]",
		Short: "build a lab that stays when this command ends",
		Long: `FILE is checked and run as by nsl run, in a sandbox of its own that stays: other
commands, on other terminals too, go into it by its name until nsl down ends it.

  nsl up lab.nsl           build it; it is called lab
  nsl sh lab red           a shell inside the node red
  nsl exec lab red -- CMD  a program there
  nsl show lab             what is there
  nsl down lab             end it

When the script fails, nothing is left; with --keep the lab stays as far as it
came. No root is needed. The lab sees no other network, and ends with everything
that runs in it, also when its keeper is killed.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			n := c.ArgsLenAtDash()
			if n < 0 {
				n = len(args)
			}
			if n != 1 {
				return errors.New("nsl up takes one FILE; what the script gets stands behind --")
			}
			o.Run.Lang.Args = args[1:]
			return done(upScript(args[0], o))
		},
		ValidArgsFunction: completeFirst(completeScripts),
	}
	o.Run.flags(c)
	c.Flags().StringVar(&o.Name, "name", "", "what the lab is called; without it as FILE is")
	c.Flags().BoolVar(&o.Keep, "keep", false, "keep the lab when the script fails, to look into it")
	return c
}

// upScript builds a lab and leaves it to its keeper.
func upScript(name string, o upOptions) int {
	set, sc, err := loadOne(name, o.Run.Lang)
	if err != nil {
		return tell(os.Stderr, set, colorOn(os.Stderr), err)
	}
	code, err := raise(set, sc, o)
	var refused *keeper.Refused
	switch {
	case errors.As(err, &refused):
		fmt.Fprint(os.Stderr, refused.Said)
		return refused.Code
	case err != nil:
		return tell(os.Stderr, nil, colorOn(os.Stderr), err)
	}
	return code
}

// loadOne reads and checks one script, and tells its warnings.
func loadOne(name string, o langOptions) (*source.Set, script, error) {
	set, err := load([]string{name}, os.Stdin)
	if err != nil {
		return set, script{}, err
	}
	scripts, list := checkAll(set, o.known())
	if err := list.Err(); err != nil {
		return set, script{}, err
	}
	tell(os.Stderr, set, colorOn(os.Stderr), list)
	return set, scripts[0], nil
}

// raise takes the name, starts the keeper, and has the lab built.
func raise(set *source.Set, sc script, o upOptions) (code int, err error) {
	dir, err := keeper.Open()
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	name := o.Name
	if name == "" {
		name = labName(sc.file.Name)
	}
	script := sc.file.Name
	if abs, err := filepath.Abs(script); err == nil && script != stdinName {
		script = abs
	}
	claim, err := dir.Claim(keeper.Info{Name: name, Script: script, Since: time.Now(), Version: version})
	if err != nil {
		return 0, err
	}
	if err := claim.Start(keeperName, name); err != nil {
		return 0, err
	}
	defer claim.Conn.Close()
	r, err := claim.Conn.Ask(doBuild, build{Keep: o.Keep, Job: runJob(set, sc, o.Run)}, os.Stdout, os.Stderr)
	switch {
	case err != nil:
		return 0, err
	case !r.Stays:
		claim.Wait()
		return r.Code, nil
	}
	return r.Code, present(dir, name, r.Code)
}

// labName is what a lab is called after its file.
func labName(file string) string {
	base := filepath.Base(file)
	if name := keeper.CleanName(strings.TrimSuffix(base, filepath.Ext(base))); name != "" {
		return name
	}
	return "lab"
}

// largest is the lab, in nodes, whose drawing fits on a screen.
const largest = 12

// present says what stands now.
func present(dir *keeper.Dir, name string, code int) error {
	lab, err := dir.Lab(name)
	if err != nil {
		return err
	}
	c, err := lab.Dial()
	if err != nil {
		return err
	}
	defer c.Close()
	s, err := askStatus(c)
	if err != nil {
		return err
	}
	state := "is up"
	if code != exitHeld {
		state = "stays as far as it came"
	}
	first := plan.Host
	if len(s.Nodes) > 0 {
		first = s.Nodes[0]
	}
	if len(s.Nodes) > 0 && len(s.Nodes) <= largest {
		if code := withLab(name, showing()); code != exitHeld {
			return nil
		}
	}
	fmt.Fprintf(os.Stdout, "%s %s: %s\n", name, state, counted(len(s.Nodes), "node"))
	fmt.Fprintf(os.Stdout, "    a shell in it: nsl sh %s %s\n    take it down:  nsl down %s\n", name, first, name)
	return nil
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
