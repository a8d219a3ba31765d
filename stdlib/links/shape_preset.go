package links

import (
	"strings"
	"time"

	"nsl/lang/syntax"
	"nsl/runtime/plan"
)

// presetShape is what a kind of access does in one direction: half of its usual
// round-trip time, and the rate of a middling line. The zero shape is that of an
// unknown name.
func presetShape(name string) plan.Shape {
	const ms = time.Millisecond
	switch name {
	case "lte":
		return plan.Shape{Delay: 25 * ms, Jitter: 5 * ms, Loss: 0.1, Rate: 20e6}
	case "wifi":
		return plan.Shape{Delay: 2 * ms, Jitter: ms, Loss: 0.5, Rate: 50e6}
	case "dsl":
		return plan.Shape{Delay: 15 * ms, Jitter: ms, Rate: 16e6}
	case "satellite": // geostationary: 35,786 km up, and down again
		return plan.Shape{Delay: 270 * ms, Jitter: 5 * ms, Loss: 0.5, Rate: 20e6}
	case "wan":
		return plan.Shape{Delay: 20 * ms, Jitter: ms, Loss: 0.01, Rate: 100e6}
	}
	return plan.Shape{}
}

// presetTable is the documentation of the presets, in Markdown.
func presetTable() string {
	var b strings.Builder
	for _, name := range syntax.Presets() {
		b.WriteString("- " + name + ": " + presetShape(name).String() + "\n")
	}
	return b.String()
}
