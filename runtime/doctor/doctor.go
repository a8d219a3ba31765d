// Package doctor finds out by trying what this machine supports: whether a sandbox
// can be made, and what its kernel has that a lab may need.
package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"nsl/runtime/kernel"
	"nsl/runtime/sandbox"
	"nsl/runtime/sandbox/confine"
)

// Mode is the first argument of the process in the sandbox that calls [Inside].
const Mode = "doctor"

// Diagnosis is all that doctor finds out.
type Diagnosis struct {
	Machine sandbox.Machine
	// Sandbox is nil when one can be made, else why not.
	Sandbox *refusal
	Tries   []namespaceTry
	Notes   []string
	// Layers are the means of confining programs that not every kernel has.
	Layers []confine.Layer
	// Features are empty when there is no sandbox to try them in.
	Features []kernel.Feature
	Limits   []limit
	// LabLimits are what each lab is held to.
	LabLimits []LabLimit
}

// LabLimit bounds what a lab takes of the machine.
type LabLimit struct {
	// Name has the flag that raises it, and what it is by default.
	Name string
	// Need says what it bounds.
	Need string
	// Missing is why it does not hold here, "" if it does.
	Missing string `json:",omitempty"`
}

type refusal struct{ What, Why, Fix string }

type namespaceTry struct {
	Kinds string
	Error string `json:",omitempty"`
}

// Write writes the diagnosis for people or, if asJSON is set, for programs.
func (d *Diagnosis) Write(w io.Writer, asJSON bool) error {
	if !asJSON {
		_, err := io.WriteString(w, d.text())
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(d)
}

// Works reports whether a lab of nodes, cables and pings runs.
func (d *Diagnosis) Works() bool {
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

// Diagnose tries everything, in a sandbox of its own if one can be made. Bounds are the
// limits of labs that have flags.
func Diagnose(ctx context.Context, bounds []LabLimit) (*Diagnosis, error) {
	facts, err := sandbox.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	d := &Diagnosis{Machine: facts.Machine, Notes: facts.Notes, Layers: confine.Layers(), Limits: limits(), LabLimits: labLimits(bounds)}
	for _, t := range facts.Tries {
		try := namespaceTry{Kinds: t.Kinds}
		if t.Err != nil {
			try.Error = t.Err.Error()
		}
		d.Tries = append(d.Tries, try)
	}
	if r := facts.Refused; r != nil {
		d.Sandbox = &refusal{r.What, r.Why, r.Fix}
		return d, nil
	}
	d.Notes = append(d.Notes, bridgeFilterNote()...)
	d.Features, err = featuresInSandbox(ctx)
	return d, err
}

// bridgeFilterNote is about a module that surprises people who build labs by hand.
func bridgeFilterNote() []string {
	if _, err := os.Stat("/proc/sys/net/bridge/bridge-nf-call-iptables"); err != nil {
		return nil
	}
	return []string{"br_netfilter is loaded: it sends bridged frames through the packet filter. " +
		"Where nsl makes a bridge it writes net.bridge.bridge-nf-call-iptables=0, so labs are not affected"}
}

// featuresInSandbox has the process inside try them and report the result.
func featuresInSandbox(ctx context.Context) ([]kernel.Feature, error) {
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
	code, err := sandbox.Run(ctx, sandbox.Config{Args: []string{Mode}, Stdout: w, Stderr: os.Stderr})
	err = errors.Join(err, w.Close())
	text := <-answer
	if err != nil {
		return nil, err
	}
	if code != 0 {
		return nil, fmt.Errorf("the trials in the sandbox ended with exit code %d", code)
	}
	var list []kernel.Feature
	err = json.Unmarshal(text, &list)
	return list, err
}

// Inside is the part that runs in the sandbox: the result goes to standard output.
func Inside(ctx context.Context) error {
	list, err := kernel.Features(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(list)
}
