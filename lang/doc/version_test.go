package doc

import (
	"runtime/debug"
	"testing"
)

func TestVersionOfTheGoCommand(t *testing.T) {
	info := &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}, Settings: []debug.BuildSetting{
		{Key: "GOOS", Value: "linux"}, {Key: "vcs.revision", Value: "abc123"}, {Key: "vcs.modified", Value: "false"},
	}}
	if got := BuiltVersion(info, true); got != "v1.2.3" {
		t.Errorf("version %q", got)
	}
	if got := BuiltCommit(info, true); got != "abc123" {
		t.Errorf("commit %q", got)
	}
	info.Settings[2].Value = "true"
	if got := BuiltCommit(info, true); got != "abc123-dirty" {
		t.Errorf("commit of a changed tree %q", got)
	}
	for _, got := range []string{BuiltVersion(nil, false), BuiltCommit(nil, false), BuiltCommit(&debug.BuildInfo{}, true)} {
		if got != "" {
			t.Errorf("no information gives %q", got)
		}
	}
}
