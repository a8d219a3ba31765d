package report

// The escape sequences of this package's colours (ECMA-48, SGR).
const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	reset  = "\x1b[0m"
	// eraseLine goes to the start of the line and empties it.
	eraseLine = "\r\x1b[K"
)

func paint(on bool, color, text string) string {
	if !on || text == "" {
		return text
	}
	return color + text + reset
}
