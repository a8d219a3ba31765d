package keeper

import (
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
)

func failed(code diag.Code, format string, args ...any) *diag.Diagnostic {
	return diag.Errorf(code, source.Span{}, format, args...)
}

func cannot(code diag.Code, format string, args ...any) *diag.Diagnostic {
	return diag.New(code, diag.Machine, source.Span{}, format, args...)
}

// CheckName is the error that a lab cannot have that name.
func CheckName(name string) error {
	if ValidName(name) {
		return nil
	}
	return badName(name)
}

func badName(name string) *diag.Diagnostic {
	d := failed(diag.BadLabName, "%q cannot be the name of a lab", name)
	if clean := CleanName(name); clean != "" {
		return d.WithHelp("a name has letters, digits, - _ and ., at most %d of them: %s", maxName, clean)
	}
	return d.WithHelp("a name has letters, digits, - _ and ., at most %d of them", maxName)
}

func unknownLab(name string, names []string) *diag.Diagnostic {
	d := failed(diag.UnknownLab, "there is no lab %q", name)
	if near := diag.DidYouMean(name, names); near != "" {
		return d.WithHelp("%s", near)
	}
	if len(names) == 0 {
		return d.WithHelp("no lab is running; start one: nsl up FILE --name %s", name)
	}
	return d.WithHelp("there are %s", strings.Join(names, ", "))
}

func deadLab(name string) *diag.Diagnostic {
	return failed(diag.DeadLab, "the lab %s is dead: its keeper was killed, or the machine was restarted", name).
		WithHelp("its last output: nsl logs %s\nremove its name: nsl down %s", name, name)
}

// goneLab is the error of who was connected when a lab ended.
func goneLab(name string) *diag.Diagnostic {
	return failed(diag.LabGone, "the lab %s has ended", name).
		WithHelp("nsl ls lists the running labs")
}

func takenLab(name string) *diag.Diagnostic {
	return failed(diag.LabTaken, "there is a lab %s already", name).
		WithHelp("make it what a script says: nsl apply FILE %s\nor take it down: nsl down %s\nor choose another name: --name NAME", name, name)
}

func silentLab(name string, why error) *diag.Diagnostic {
	return cannot(diag.SilentLab, "the lab %s does not answer: %v", name, reason(why)).
		WithHelp("its last output: nsl logs %s\nend it: nsl down %s", name, name)
}

func foreignLab(name string, uid uint32) *diag.Diagnostic {
	return failed(diag.ForeignLab, "the lab %s belongs to %s, not to you", name, userName(uid)).
		WithHelp("a lab can only be used by the user who built it")
}

func otherVersion(name, theirs string) *diag.Diagnostic {
	return failed(diag.OtherVersion, "the lab %s runs under nsl %s, which this nsl cannot talk to", name, theirs).
		WithHelp("use that nsl, or end the lab: nsl down %s", name)
}

func foreignDir(path string, uid uint32) *diag.Diagnostic {
	return failed(diag.ForeignLab, "%s belongs to %s, not to %s: nsl keeps no labs there", path, userName(uid), userName(uint32(os.Geteuid()))).
		WithHelp("set XDG_RUNTIME_DIR to a directory of your own, or unset it: su and sudo may have left another user's")
}

func openDir(path string, mode fs.FileMode) *diag.Diagnostic {
	return failed(diag.NoLabDir, "others may change %s (mode %04o): nsl keeps no labs there", path, mode).
		WithHelp("chmod 700 %s", path)
}

func noPlace(path string, err error) *diag.Diagnostic {
	return cannot(diag.NoLabDir, "labs cannot be kept in %s: %v", path, reason(err)).
		WithHelp("set XDG_RUNTIME_DIR to a directory of your own, or unset it")
}

func notOurs(path string) *diag.Diagnostic {
	return failed(diag.NoLabDir, "%s has files that are not nsl's: nsl keeps no labs there", path).
		WithHelp("move them, or set XDG_RUNTIME_DIR to another directory of your own")
}

func notOnlyOurs(path string) *diag.Diagnostic {
	return failed(diag.NoLabDir, "%s has files that are not nsl's: it was not removed", path).
		WithHelp("nsl removes only what it made; remove the rest: rm -r %s", path)
}

// userName is what a person calls a user, or the number.
func userName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return "user " + id
}
