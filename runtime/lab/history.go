package lab

import (
	"fmt"
	"os"
	"path/filepath"

	"nsl/lang/script"
	"nsl/runtime/repl"
)

// The variables that name a prompt's files for the process inside.
const (
	historyVariable = "NSL_HISTORY"
	rcVariable      = "NSL_RC"
)

// promptEnv is what a prompt in a lab is to have in its environment.
func promptEnv() []string {
	return []string{historyVariable + "=" + historyPath(), rcVariable + "=" + rcPath()}
}

// openHistory opens the lines that were typed before, and says why they cannot be
// used.
func openHistory() *repl.History {
	h, err := repl.OpenHistory(historyPath())
	if err != nil {
		fmt.Fprintf(os.Stderr, "nsl: the history is not used: %v\n", script.Reason(err))
	}
	return h
}

// historyPath is where the lines are kept that were typed: NSL_HISTORY, else a
// file in the user's state directory (XDG Base Directory Specification). It is
// "" when nothing is to be kept.
func historyPath() string {
	name, given := os.LookupEnv(historyVariable)
	if !given {
		name = userFile("XDG_STATE_HOME", ".local/state", "history")
	}
	return name
}

// rcPath is the script that every prompt begins with.
func rcPath() string { return userFile("XDG_CONFIG_HOME", ".config", "rc.nsl") }

// userFile is a file of nsl's in one of the user's directories, or ""; the
// variable counts only with an absolute path.
func userFile(variable, otherwise, name string) string {
	dir := os.Getenv(variable)
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, otherwise)
	}
	return filepath.Join(dir, "nsl", name)
}
