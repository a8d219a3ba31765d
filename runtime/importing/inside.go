package importing

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/runtime/lab"
	"nsl/runtime/sandbox"
)

// Mode is the first argument of the process in the sandbox that calls [Inside].
const Mode = "import"

// order is what a sandbox is for: one of its fields is set.
type order struct {
	Record *toRecord
	Replay *toReplay
}

// toRecord is a shell script to run.
type toRecord struct {
	// Path is the script's, and Files are those that it has beside it.
	Path  string
	Text  string
	Files []file
	Args  []string
	// Uplink is the name of the host's interface to the stand-in of the internet, or "".
	Uplink  string
	Timeout time.Duration
}

// toReplay is a lab to run, and the settings to look at when it is done.
type toReplay struct {
	script.Script
	Settings map[string][]string
}

// file is a file that the script has.
type file struct {
	Path string
	Mode uint32
	Data []byte
}

// Inside is main in the sandbox, for a language.
func Inside(ctx context.Context, l script.Language, in *sandbox.Inside) error {
	var o order
	if err := json.Unmarshal(in.Payload, &o); err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	w, err := lab.OpenIn(ctx, in)
	if err != nil {
		return err
	}
	defer func() { _ = w.Close() }()
	var result any
	if o.Record != nil {
		result, err = record(ctx, l, w, *o.Record)
	} else {
		result, err = replay(ctx, l, w, *o.Replay)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(in.Events).Encode(result)
}

// Replayed is how a lab ran that was written.
type Replayed struct {
	// Found are what ended it, and what did not hold, by line.
	Found []Finding
	State State
}

// Finding is what is wrong with a line of a lab.
type Finding struct {
	Line int
	Text string
	// Expectation: it ran, and did not hold.
	Expectation bool
}

func findings(set placer, list diag.List) (out []Finding) {
	for _, d := range list {
		if d.Severity != diag.Warning {
			out = append(out, Finding{Line: set.line(d.Subject), Text: d.Summary})
		}
	}
	return out
}
