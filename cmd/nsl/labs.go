package main

import (
	"encoding/json"
	"os"
	"time"

	"github.com/spf13/cobra"

	"nsl/runtime/keeper"
)

// withLab connects to a kept lab and runs f with the connection; an error is
// told, and its exit code returned.
func withLab(name string, f func(*keeper.Conn) (code int, err error)) int {
	code, err := dialed(name, f)
	if err != nil {
		return tell(os.Stderr, nil, colorOn(os.Stderr), err)
	}
	return code
}

func dialed(name string, f func(*keeper.Conn) (code int, err error)) (code int, err error) {
	dir, err := keeper.Open()
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	lab, err := dir.Lab(name)
	if err != nil {
		return 0, err
	}
	c, err := lab.Dial()
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return f(c)
}

// glimpse is how long a lab may take to tell its status.
const glimpse = 3 * time.Second

func askStatus(c *keeper.Conn) (s status, err error) {
	r, err := c.AskWithin(glimpse, doStatus, nil)
	if err != nil {
		return s, err
	}
	err = json.Unmarshal(r.Body, &s)
	return s, err
}

// statements runs statements in a kept lab, which writes to this process's own
// streams.
func statements(c *keeper.Conn, do string, j job) (int, error) {
	j.OutColor, j.ErrColor = colorOn(os.Stdout), colorOn(os.Stderr)
	r, err := c.Ask(do, j, os.Stdout, os.Stderr)
	return r.Code, err
}

// labCommands are those about labs that live on.
func labCommands() []*cobra.Command {
	return []*cobra.Command{upCommand(), lsCommand(), execCommand(), shCommand(), showCommand(), replCommand(),
		logsCommand(), downCommand(), keeperCommand(), attachedCommand()}
}
