package main

import (
	"encoding/json"
	"os"

	"github.com/spf13/cobra"

	"nsl/runtime/keeper"
)

// keeperName is the command that is a lab's keeper; nsl up starts it.
const keeperName = "keeper"

func keeperCommand() *cobra.Command {
	return &cobra.Command{
		Use:    keeperName + " NAME",
		Short:  "keep a lab (started by nsl up)",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE:   func(_ *cobra.Command, args []string) error { return done(keepLab(args[0])) },
	}
}

// keepLab is the keeper's main, outside of the sandbox. Its standard error is
// the lab's log.
func keepLab(name string) int {
	k, err := keeper.Inherit(name)
	if err != nil {
		return tell(os.Stderr, nil, false, err)
	}
	payload, err := json.Marshal(job{Mode: modeKeep, Name: name})
	if err != nil {
		return tell(os.Stderr, nil, false, err)
	}
	code, err := k.Keep(payload, modeKeep, name)
	if err != nil {
		return tell(os.Stderr, nil, false, err)
	}
	return code
}
