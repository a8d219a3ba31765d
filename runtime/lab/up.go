package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/runtime/keeper"
	"nsl/runtime/plan"
)

// KeeperCommand is the command, with a lab's name, that calls [Keep].
const KeeperCommand = "keeper"

// NameOf is the name of a lab after its script's file.
func NameOf(file string) string {
	base := filepath.Base(file)
	if name := keeper.CleanName(strings.TrimSuffix(base, filepath.Ext(base))); name != "" {
		return name
	}
	return "lab"
}

// Up builds a lab that keeps running when this process ends, and returns the exit
// code of its script. It is running when that is 0, or if keep is set.
func (s Setup) Up(name string, j Job, a script.Access, keep bool) (code int, running bool, err error) {
	if a, err = person().Access(a, j.Script); err != nil {
		return 0, false, err
	}
	dir, err := keeper.Open()
	if err != nil {
		return 0, false, err
	}
	defer dir.Close()
	file := j.Name
	if abs, err := filepath.Abs(file); err == nil && file != script.Stdin {
		file = abs
	}
	order, err := json.Marshal(keepOrder{Access: a, File: j.Name})
	if err != nil {
		return 0, false, err
	}
	claim, err := dir.Claim(keeper.Info{Name: name, Script: file, Since: time.Now(), Version: s.Version})
	if err != nil {
		return 0, false, err
	}
	if err := claim.Start(order, KeeperCommand, name); err != nil {
		var refused *keeper.Refused
		if !errors.As(err, &refused) {
			return 0, false, err
		}
		fmt.Fprint(os.Stderr, diag.Plain(refused.Output))
		return refused.Code, false, nil
	}
	defer claim.Conn.Close()
	r, err := claim.Conn.Ask(doBuild, build{Keep: keep, Job: j, File: file}, os.Stdout, os.Stderr)
	if err == nil && !r.Running {
		claim.Wait()
	}
	return r.Code, r.Running, err
}

// largest is the lab, in nodes, whose drawing fits on a screen.
const largest = 12

// Present writes what the running lab of that name is, after its script has ended with
// an exit code.
func Present(w io.Writer, name string, code int) error {
	_, err := With(name, func(c Client) (int, error) {
		s, err := c.Status()
		if err != nil {
			return 0, err
		}
		if len(s.Nodes) > 0 && len(s.Nodes) <= largest {
			err = statement(name, "show")
		}
		state, first := "is running", append(s.Nodes, plan.Host)[0]
		if code != diag.ExitOK {
			state = "keeps what was built"
		}
		fmt.Fprintf(w, "%s %s: %s\n", name, state, Counted(len(s.Nodes), "node"))
		fmt.Fprintf(w, "    a shell in it: nsl sh %s %s\n    take it down:  nsl down %s\n", name, diag.PlainLine(first), name)
		return 0, err
	})
	return err
}

// statement runs one on a connection of its own; what it prints is this process's.
func statement(name string, words ...string) error {
	_, err := With(name, func(c Client) (int, error) { return c.Statement(words...) })
	return err
}

// keepOrder is what the keeper of a lab is started with, on its standard input.
type keepOrder struct {
	Access script.Access
	// File is the lab's script.
	File string
}

// Keep is the main of the process outside that keeps a running lab; Up starts it.
// Its standard error is the lab's log.
func Keep(name string) (int, error) {
	k, err := keeper.Inherit(name)
	if err != nil {
		return diag.ExitWrong, err
	}
	var o keepOrder
	if err := json.NewDecoder(os.Stdin).Decode(&o); err != nil {
		return diag.ExitWrong, err
	}
	c, err := config(o.Access, o.File, modeKeep, name)
	if err != nil {
		return diag.ExitWrong, err
	}
	if c.Payload, err = json.Marshal(name); err != nil {
		return diag.ExitWrong, err
	}
	return crashed(k.Keep(c))
}
