package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/runtime/keeper"
)

func downCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "down LAB… | --all",
		Short: "end labs that are up",
		Long: `Every program in the lab is ended and nothing of it is left when this command
returns. A lab that does not end in time is killed. Of a dead lab the name is
taken away.`,
		RunE: func(_ *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return errors.New("nsl down wants the names of labs, or --all")
			}
			return done(takeDown(args, all))
		},
		ValidArgsFunction: completeLabs,
	}
	c.Flags().BoolVar(&all, "all", false, "all labs of this user")
	return c
}

// takeDown ends labs; a name that there is none of keeps no other up.
func takeDown(names []string, all bool) int {
	code := diag.ExitOK
	dir, err := keeper.Open()
	if err == nil {
		defer dir.Close()
		if all {
			names, err = dir.Names()
		}
	}
	if err != nil {
		return fail(nil, err)
	}
	for _, name := range names {
		if c := takeOneDown(dir, name); code == diag.ExitOK {
			code = c
		}
	}
	return code
}

func takeOneDown(dir *keeper.Dir, name string) int {
	l, err := dir.Lab(name)
	how := "is down"
	if err == nil {
		var ended keeper.Ending
		ended, err = l.Down()
		switch ended {
		case keeper.Killed:
			how = "did not end and was killed"
		case keeper.WasDead:
			how = "was dead already; its name is free again"
		}
	}
	if err != nil {
		return fail(nil, err)
	}
	fmt.Fprintf(os.Stdout, "%s %s\n", name, how)
	return diag.ExitOK
}
