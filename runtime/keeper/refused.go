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
		return d.WithHelp("no lab is up; build one that stays: nsl up FILE --name %s", name)
	}
	return d.WithHelp("there are %s", strings.Join(names, ", "))
}

func deadLab(name string) *diag.Diagnostic {
	return failed(diag.DeadLab, "the lab %s is not there any more: its keeper was killed, or the machine was started again", name).
		WithHelp("what it said last: nsl logs %s\ntake its name away: nsl down %s", name, name)
}

// goneLab is the error of who was connected when a lab ended.
func goneLab(name string) *diag.Diagnostic {
	return failed(diag.LabGone, "the lab %s has ended", name).
		WithHelp("nsl ls shows the labs that are up")
}

func takenLab(name string) *diag.Diagnostic {
	return failed(diag.LabTaken, "there is a lab %s already", name).
		WithHelp("take it down: nsl down %s\nor choose another name: --name NAME", name)
}

func silentLab(name string, why error) *diag.Diagnostic {
	return cannot(diag.SilentLab, "the lab %s does not answer: %v", name, reason(why)).
		WithHelp("what it said last: nsl logs %s\nend it: nsl down %s", name, name)
}

func foreignLab(name string, uid uint32) *diag.Diagnostic {
	return failed(diag.ForeignLab, "the lab %s is kept by %s, not by you", name, userName(uid)).
		WithHelp("only who built a lab may use it")
}

func otherVersion(name, theirs string) *diag.Diagnostic {
	return failed(diag.OtherVersion, "the lab %s is kept by nsl %s, which this nsl cannot talk to", name, theirs).
		WithHelp("use that nsl, or end the lab: nsl down %s", name)
}

func foreignDir(path string, uid uint32) *diag.Diagnostic {
	return failed(diag.ForeignLab, "%s belongs to %s, not to %s: labs are not kept there", path, userName(uid), userName(uint32(os.Geteuid()))).
		WithHelp("set XDG_RUNTIME_DIR to a directory of your own, or unset it: su and sudo may have left another user's")
}

func openDir(path string, mode fs.FileMode) *diag.Diagnostic {
	return failed(diag.NoLabDir, "others may change %s (mode %04o): labs are not kept there", path, mode).
		WithHelp("chmod 700 %s", path)
}

func noPlace(path string, err error) *diag.Diagnostic {
	return cannot(diag.NoLabDir, "labs cannot be kept in %s: %v", path, reason(err)).
		WithHelp("set XDG_RUNTIME_DIR to a directory of your own, or unset it")
}

// userName is what a person calls a user, or the number.
func userName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return "user " + id
}
