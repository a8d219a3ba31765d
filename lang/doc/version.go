package doc

import "runtime/debug"

// BuiltVersion is the version that the Go command has noted, or "".
func BuiltVersion(info *debug.BuildInfo, ok bool) string {
	if !ok {
		return ""
	}
	return info.Main.Version
}

// BuiltCommit is the commit that the Go command has noted, if any.
func BuiltCommit(info *debug.BuildInfo, ok bool) string {
	if !ok {
		return ""
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	commit := settings["vcs.revision"]
	if commit != "" && settings["vcs.modified"] == "true" {
		commit += "-dirty"
	}
	return commit
}
