package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/kernel"
	"nsl/runtime/sandbox"
)

func doctorCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "tell what this machine allows, tried by doing",
		Long: `A sandbox is made, and in it one of each thing that a lab may need: every kind of
link, queueing discipline, firewall rules, IPv6, raw sockets. Each "no" comes
with its cause and with what to do about it. Nothing outside is changed.

Exit codes: 0 labs run here, 3 they do not.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != formatText && format != formatJSON {
				return badFormat(format)
			}
			return done(doctor(cmd.Context(), format))
		},
	}
	c.Flags().StringVar(&format, "format", formatText, "text or json")
	return c
}

const (
	formatText = "text"
	formatJSON = "json"
)

func badFormat(format string) error {
	d := diag.Errorf(diag.BadWord, source.Span{}, "there is no format %q", format)
	return d.WithNearest(format, []string{formatText, formatJSON}, "there are text and json")
}

// diagnosis is all that doctor finds out.
type diagnosis struct {
	Machine sandbox.Machine
	// Sandbox is nil when one can be made, else why not.
	Sandbox *refusal
	Tries   []namespaceTry
	Notes   []string
	// Features are empty when there is no sandbox to try them in.
	Features []kernel.Feature
	Limits   []limit
}

type refusal struct{ What, Why, Mend string }

type namespaceTry struct {
	Kinds string
	Error string `json:",omitempty"`
}

func doctor(ctx context.Context, format string) int {
	d, err := diagnose(ctx)
	if err != nil {
		return tell(os.Stderr, nil, colorOn(os.Stderr), err)
	}
	if format == formatJSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		err = e.Encode(d)
	} else {
		_, err = os.Stdout.WriteString(d.text())
	}
	if err != nil {
		return tell(os.Stderr, nil, colorOn(os.Stderr), err)
	}
	if !d.works() {
		return exitMachine
	}
	return exitHeld
}

// works reports whether a lab of nodes, cables and pings runs.
func (d *diagnosis) works() bool {
	if d.Sandbox != nil {
		return false
	}
	for _, f := range d.Features {
		if f.Basic && !f.Have {
			return false
		}
	}
	return true
}

func diagnose(ctx context.Context) (*diagnosis, error) {
	facts, err := sandbox.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	d := &diagnosis{Machine: facts.Machine, Notes: facts.Notes, Limits: limits()}
	for _, t := range facts.Tries {
		try := namespaceTry{Kinds: t.Kinds}
		if t.Err != nil {
			try.Error = t.Err.Error()
		}
		d.Tries = append(d.Tries, try)
	}
	if r := facts.Refused; r != nil {
		d.Sandbox = &refusal{r.What, r.Why, r.Mend}
		return d, nil
	}
	d.Notes = append(d.Notes, bridgeFilterNote()...)
	d.Features, err = featuresInSandbox(ctx)
	return d, err
}

// bridgeFilterNote tells of a module that surprises people who build labs by hand.
func bridgeFilterNote() []string {
	if _, err := os.Stat("/proc/sys/net/bridge/bridge-nf-call-iptables"); err != nil {
		return nil
	}
	return []string{"br_netfilter is loaded: it sends bridged frames through the packet filter. " +
		"Where nsl makes a bridge it writes net.bridge.bridge-nf-call-iptables=0, so labs are not affected"}
}

// featuresInSandbox has the process inside try them and tell the result.
func featuresInSandbox(ctx context.Context) ([]kernel.Feature, error) {
	payload, err := json.Marshal(job{Mode: modeDoctor})
	if err != nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	answer := make(chan []byte, 1)
	go func() {
		b, _ := io.ReadAll(r) // a short answer is no JSON
		answer <- b
	}()
	code, err := sandbox.Run(ctx, sandbox.Config{Args: []string{"doctor"}, Payload: payload, Stdout: w, Stderr: os.Stderr})
	err = errors.Join(err, w.Close())
	text := <-answer
	if err != nil {
		return nil, err
	}
	if code != exitHeld {
		return nil, fmt.Errorf("the trials in the sandbox ended with exit code %d", code)
	}
	var list []kernel.Feature
	err = json.Unmarshal(text, &list)
	return list, err
}

// doctorInside is the part of doctor that runs in the sandbox.
func doctorInside(ctx context.Context) error {
	list, err := kernel.Features(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(list)
}
