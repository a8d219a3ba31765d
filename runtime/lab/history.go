package lab

import (
	"os"
	"path/filepath"
)

// historyPath is where the lines are kept that were typed: NSL_HISTORY, else a
// file in the user's state directory (XDG Base Directory Specification). It is
// "" when nothing is to be kept.
func historyPath(path func(string) string) string {
	name, given := os.LookupEnv("NSL_HISTORY")
	if !given {
		name = userFile("XDG_STATE_HOME", ".local/state", "history")
	}
	if name == "" {
		return ""
	}
	return path(name)
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
