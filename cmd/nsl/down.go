//go:build linux && !nolabs

package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/doc"
	"nsl/runtime/keeper"
	"nsl/runtime/lab"
)

func downCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "down LAB… | --all",
		Short: "end running labs",
		Long: `Every program in the lab is ended and nothing of it is left when this command
returns. A lab that does not end in time is killed. Of a dead lab the name is
taken away.`,
		Args: func(_ *cobra.Command, args []string) error {
			if all {
				return doc.Command{Use: "down --all"}.Refuses(args, nil)
			}
			return doc.Command{Use: "down LAB… | --all"}.Refuses(args, func(word string) string { return lab.About(word, args) })
		},
		RunE:              func(_ *cobra.Command, args []string) error { return takeDown(args, all) },
		ValidArgsFunction: completeLabs,
	}
	c.Flags().BoolVar(&all, "all", false, "all labs of this user")
	return c
}

// takeDown ends labs; a name that there is none of keeps no other up.
func takeDown(names []string, all bool) error {
	code := diag.ExitOK
	err := keeper.In(func(dir *keeper.Dir) (err error) {
		if all {
			names, err = dir.Names()
		}
		for _, name := range names {
			if c := fail(nil, takeOneDown(dir, name)); code == diag.ExitOK {
				code = c
			}
		}
		return err
	})
	return ended(code, err)
}

func takeOneDown(dir *keeper.Dir, name string) error {
	l, err := dir.Lab(name)
	if err != nil {
		return err
	}
	ending, err := l.Down()
	if err != nil {
		return err
	}
	how := "is down"
	switch ending {
	case keeper.Killed:
		how = "did not end and was killed"
	case keeper.WasDead:
		how = "was dead already; its name is free again"
	}
	fmt.Fprintf(os.Stdout, "%s %s\n", name, how)
	return nil
}
