package verb

import "nsl/lang/source"

// Skip ends a test block, or the script, without a verdict. It travels as an
// error up to the block that it ends.
type Skip struct {
	// Reason is what the script says, or what the machine lacks.
	Reason string
	At     source.Span
}

// Error is the reason.
func (s *Skip) Error() string { return "skipped: " + s.Reason }
