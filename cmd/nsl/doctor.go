//go:build linux && !nolabs

package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/runtime/doctor"
)

func doctorCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "test what this machine supports",
		Long: `A sandbox is made, and in it one of each thing that a lab may need: every kind of
link, queueing discipline, firewall rules, IPv6, raw sockets. Each "no" comes
with its cause and with what to do about it. Nothing outside is changed.

Exit codes: 0 labs run here, 3 they do not.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := diag.OneOf("format", format, []string{"text", "json"}); err != nil {
				return err
			}
			var bounds []doctor.LabLimit
			limits := eval.DefaultLimits()
			for _, b := range limits.LabBounds() {
				bounds = append(bounds, doctor.LabLimit{Name: fmt.Sprintf("--%s = %d", b.Flag, *b.Value), Need: b.Usage})
			}
			d, err := doctor.Diagnose(c.Context(), bounds)
			if err != nil {
				return ended(0, err)
			}
			code := diag.ExitOK
			if !d.Works() {
				code = diag.ExitMachine
			}
			return ended(code, d.Write(os.Stdout, format == "json"))
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}
