package main

import (
	"os"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/export"
	"nsl/lang/script"
)

func exportCommand() *cobra.Command {
	var o script.Options
	var format, dir string
	c := &cobra.Command{
		Use:   "export FILE",
		Short: "write the lab of a script for another tool",
		Long: `The format is containerlab (a topology file with nodes of the kind linux), mininet (a
Python program), kathara (files in a folder, --dir) or dot (a drawing by Graphviz). Nodes,
cables and the commands in each node are written; what has no form there, such as the
servers of nsl, is a comment. Expectations are not written.

  nsl export lab.nsl --format mininet > lab.py && sudo python3 lab.py
  nsl export lab.nsl --format dot | dot -Tsvg > lab.svg`,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := diag.OneOf("format", format, export.Formats()); err != nil {
				return err
			}
			set, ops, notes, err := language().Made(args[0], os.Stdin, o.Run())
			if err == nil {
				err = export.Lab{File: args[0], Ops: ops, Notes: notes}.Write(os.Stdout, dir, format)
			}
			return done(fail(set, err))
		},
	}
	scriptFlags(c, &o)
	c.Flags().StringVar(&format, "format", "containerlab", "containerlab, mininet, kathara or dot")
	c.Flags().StringVar(&dir, "dir", ".", "the folder for the files of kathara")
	return c
}
