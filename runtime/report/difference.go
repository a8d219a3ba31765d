package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"nsl/lang/diag"
)

// Difference is something in a lab that is not as it was to be.
type Difference struct {
	// Kind is what kind of thing it is: ns, link, addr, route, …
	Kind string `json:"kind"`
	// Object is a node, or an interface with its node.
	Object string `json:"object"`
	// Statement removes the difference; "" where none does, and Note says what it is.
	Statement string   `json:"statement,omitempty"`
	Note      string   `json:"note,omitempty"`
	Commands  []string `json:"commands,omitempty"`
}

// removes reports a difference that is removed by taking something away.
func (d Difference) removes() bool {
	verb, _, _ := strings.Cut(d.Statement, " ")
	return verb == "delete" || verb == "del" || verb == "kill" || verb == "down"
}

// Differences writes differences as a script that removes them: statements, or the
// commands that do the same.
func Differences(w io.Writer, list []Difference, commands, color bool) error {
	var b strings.Builder
	for _, d := range list {
		switch {
		case d.Statement == "":
			b.WriteString(paint(color, yellow, "# "+d.Object+": "+d.Note) + "\n")
		case commands:
			for _, c := range d.Commands {
				b.WriteString(c + "\n")
			}
		case d.removes():
			b.WriteString(paint(color, red, d.Statement) + "\n")
		default:
			b.WriteString(paint(color, green, d.Statement) + "\n")
		}
	}
	text := b.String()
	if !color {
		text = diag.Plain(text)
	}
	_, err := fmt.Fprint(w, text)
	return err
}

// DifferencesJSON writes differences as an array.
func DifferencesJSON(w io.Writer, list []Difference) error {
	if list == nil {
		list = []Difference{}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(list)
}
