package verb

import (
	"errors"
	"io/fs"
	"os/exec"
	"path"
	"strings"
	"syscall"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/runtime/plan"
)

// refusal is what an errno means for an op, in networking terms.
type refusal struct {
	errno    error
	code     diag.Code
	severity diag.Severity
	text     string
	help     string
}

// refusals are looked through in order; the first that errors.Is wins.
func refusals() []refusal {
	return []refusal{
		{plan.ErrLost, diag.KernelRefused, diag.Machine, "the kernel's answer was lost", ""},
		{plan.ErrNoNode, diag.UnknownNode, diag.Error, "the namespace is gone", "something else deleted it while the script ran"},
		{plan.ErrNoLink, diag.UnknownLink, diag.Error, "the interface is gone", "something else deleted it while the script ran"},
		{plan.ErrNoSysctl, diag.UnknownKey, diag.Machine, "this kernel has no such setting", "look with: sysctl -a"},
		{plan.ErrNoLease, diag.NoLease, diag.Error, "no DHCP server lent it an address", "is everything between the two up, and does the server still run? show topology, show services"},
		{exec.ErrNotFound, diag.NoProgram, diag.Machine, "the program is not installed", "install it, or write its whole path"},
		{syscall.EEXIST, diag.NameTaken, diag.Error, "it is there already", "delete the old one first, or choose another name"},
		{syscall.EPERM, diag.NoPermission, diag.Machine, "it is not allowed", "nsl doctor says what this machine allows"},
		{syscall.EACCES, diag.NoPermission, diag.Machine, "it is not allowed", "nsl doctor says what this machine allows"},
		{syscall.EOPNOTSUPP, diag.NoFeature, diag.Machine, "this kernel cannot do it", "nsl doctor says what this kernel has"},
		{syscall.EPROTONOSUPPORT, diag.NoFeature, diag.Machine, "this kernel cannot do it", "nsl doctor says what this kernel has"},
		{syscall.EAFNOSUPPORT, diag.NoFeature, diag.Machine, "this kernel lacks the address family", "nsl doctor says what this kernel has"},
		{syscall.ENODEV, diag.UnknownLink, diag.Error, "there is no such interface", ""},
		{syscall.ENETUNREACH, diag.BadGateway, diag.Error, "no connected subnet holds the gateway", "give the node an address in the gateway's subnet first"},
		{syscall.EHOSTUNREACH, diag.BadGateway, diag.Error, "no connected subnet holds the gateway", "give the node an address in the gateway's subnet first"},
		{syscall.ESRCH, diag.NotThere, diag.Error, "there is no such entry", ""},
		{syscall.EADDRNOTAVAIL, diag.NotThere, diag.Error, "the interface does not have that address", ""},
		{syscall.EADDRINUSE, diag.NameTaken, diag.Error, "another one beside it has its address or port already", "show links, show services"},
		{syscall.ENOBUFS, diag.KernelRefused, diag.Machine, "the kernel has no room for it", ""},
		{syscall.ENOMEM, diag.KernelRefused, diag.Machine, "the machine has no memory left", ""},
		{syscall.EMFILE, diag.KernelRefused, diag.Machine, "too many open files", "raise the limit: ulimit -n"},
		{syscall.ENFILE, diag.KernelRefused, diag.Machine, "the machine has too many open files", "raise the limit: sudo sysctl -w fs.file-max=N"},
		{syscall.ENOSPC, diag.KernelRefused, diag.Machine, "there is no room left", "on the disk, or for namespaces: sysctl user shows their limits"},
		{syscall.EDQUOT, diag.KernelRefused, diag.Machine, "the user's quota is used up", ""},
		{syscall.EBUSY, diag.KernelRefused, diag.Machine, "the kernel is busy with it", ""},
		{syscall.EAGAIN, diag.KernelRefused, diag.Machine, "the kernel has no room for it now", "limits on processes and memory also cause this: ulimit -a"},
		{syscall.EINTR, diag.KernelRefused, diag.Machine, "the kernel was interrupted", ""},
		{syscall.EIO, diag.KernelRefused, diag.Machine, "the device failed", ""},
		{syscall.EBADMSG, diag.KernelRefused, diag.Machine, "the kernel's answer cannot be read", ""},
		{syscall.EMSGSIZE, diag.KernelRefused, diag.Machine, "the kernel's answer cannot be read", ""},
	}
}

// Findings are an error as findings: those that it is of, or that something was refused
// there; none for nil.
func Findings(at source.Span, err error) diag.List {
	if list, ok := diag.FromError(err); ok || err == nil {
		return list
	}
	return diag.List{Refused(at, nil, err)}
}

// Refused makes a diagnostic of an op's error: on the statement's line, with
// the object, the cause and the fix. The op may be nil.
func Refused(at source.Span, op plan.Op, err error) *diag.Diagnostic {
	object := "the lab"
	if op != nil {
		object = op.Effect().Object
	}
	if d := described(at, object, err); d != nil {
		return d
	}
	if output := (*fs.PathError)(nil); op == nil && errors.As(err, &output) && output.Op == "write" {
		return diag.New(diag.NoFile, diag.Machine, at, "cannot write the output: %s", output.Err)
	}
	if _, ok := op.(plan.AddNS); ok && errors.Is(err, syscall.ENOSPC) {
		return diag.New(diag.KernelRefused, diag.Machine, at, "%s: this user has as many network namespaces as it may", object).
			WithHelp("each node is one; end other labs, or raise the limit: sudo sysctl -w user.max_net_namespaces=100000")
	}
	if o, ok := op.(plan.AddLink); ok {
		if d := noKind(at, o, err); d != nil {
			return d
		}
	}
	if o, ok := op.(plan.AddBridge); ok && o.VLANFiltering && errors.Is(err, syscall.EOPNOTSUPP) {
		return diag.New(diag.NoFeature, diag.Machine, at, "%s: this kernel has no vlan-filtering (CONFIG_BRIDGE_VLAN_FILTERING)", object).
			WithHelp("%s", helpWith("it is a part of the kernel's bridge, and no module of its own: nsl doctor says how to come by a kernel that has it", err))
	}
	if o, ok := op.(plan.SetShape); ok && o.Shape != (plan.Shape{}) && (errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.EOPNOTSUPP)) {
		return noShape(at, o, err)
	}
	for _, r := range refusals() {
		if errors.Is(err, r.errno) {
			d := diag.New(r.code, r.severity, at, "%s: %s", object, r.text)
			return d.WithHelp("%s", helpWith(r.help, err))
		}
	}
	return diag.Errorf(diag.KernelRefused, at, "%s: the kernel refuses", object).
		WithHelp("%s", helpWith("", err))
}

// described reports an error that says itself what is wrong.
func described(at source.Span, object string, err error) *diag.Diagnostic {
	var taken *plan.PortTaken
	if errors.As(err, &taken) {
		return diag.Errorf(diag.PortTaken, at, "%s: %s", object, taken).
			WithHelp("choose another port, or end the other one first")
	}
	var unready *plan.NotReady
	if errors.As(err, &unready) {
		return diag.New(diag.NotReady, diag.Failure, at, "%s did not get ready: %s", object, unready.What).
			WithHelp("%s", Printed(unready.Printed))
	}
	var file *plan.FileError
	if errors.As(err, &file) {
		return unusable(at, file)
	}
	var program *exec.Error
	if errors.As(err, &program) && errors.Is(err, exec.ErrNotFound) && strings.Contains(program.Name, "/") {
		return diag.New(diag.NoProgram, diag.Machine, at, "%s: the lab has no such file", object).WithNeed("run", program.Name)
	}
	return nil
}

// unusable reports a file that cannot be read or written.
func unusable(at source.Span, e *plan.FileError) *diag.Diagnostic {
	if e.Read {
		return diag.New(diag.LabFile, diag.Machine, at, "%s cannot be read: %s", e.Path, e.Err).WithNeed("read", e.Path)
	}
	d := diag.New(diag.LabFile, diag.Machine, at, "%s cannot be written: %s", e.Path, e.Err)
	switch {
	case errors.Is(e.Err, fs.ErrNotExist) && path.Dir(e.Path) != ".":
		return d.WithNeed("write", path.Dir(e.Path)).
			WithHelp("the lab has no directory %[1]s; if it is yours, give it to the lab: --grant write=%[1]s", path.Dir(e.Path))
	case errors.Is(e.Err, fs.ErrNotExist), errors.Is(e.Err, syscall.EROFS):
		return d.WithNeed("write", writable(e.Path))
	case errors.Is(e.Err, fs.ErrPermission):
		return d.WithHelp("choose a file that you may write")
	case errors.Is(e.Err, syscall.EISDIR):
		return d.WithHelp("it is a directory: name a file in it, as %s/lab.pcapng", path.Clean(e.Path))
	case errors.Is(e.Err, syscall.ENOSPC), errors.Is(e.Err, syscall.EDQUOT):
		return d.WithHelp("make room, or record less: a filter leaves packets out")
	}
	return d
}

// writable is what a lab has to be given to write a file: its directory, but not that
// of the script.
func writable(file string) string {
	if dir := path.Dir(file); dir != "." {
		return dir
	}
	return file
}

// noKind reports that the kernel has no such kind of interface, or that this user
// may not open the device that taps come from.
func noKind(at source.Span, o plan.AddLink, err error) *diag.Diagnostic {
	kind := plan.KindOf(o.Kind)
	module, config := kind.Module, kind.Config
	tun := module == "tun"
	switch {
	case tun && (errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM)):
		return diag.New(diag.NoPermission, diag.Machine, at, "%s: this user may not open /dev/net/tun, where such interfaces come from", o.Effect().Object).
			WithHelp("%s", helpWith("allow it: sudo chmod 666 /dev/net/tun", err))
	case errors.Is(err, syscall.EOPNOTSUPP), tun && (errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ENODEV) || errors.Is(err, syscall.ENXIO)):
		return diag.New(diag.NoFeature, diag.Machine, at, "%s: this kernel has no interfaces of the kind %s (its module %s, CONFIG_%s)", o.Effect().Object, o.Kind, module, config).
			WithHelp("%s", helpWith("load the module on the machine: sudo modprobe "+module+
				"\nwhere there is none, nsl doctor says how to come by a kernel that has it", err))
	}
	return nil
}

// noShape reports that the kernel lacks the queueing discipline of a shape.
func noShape(at source.Span, o plan.SetShape, err error) *diag.Diagnostic {
	module, help := "tbf", ""
	if o.Shape.Emulated() {
		module = "netem"
		help = "a rate alone needs no netem: shape " + o.Effect().Object + " rate 10mbit\n"
	}
	return diag.New(diag.NoFeature, diag.Machine, at, "%s: this kernel has no %s (its module sch_%[2]s, CONFIG_NET_SCH_%s), which %s takes",
		o.Effect().Object, module, strings.ToUpper(module), o.Shape).
		WithHelp("%s", helpWith(help+"load the module on the machine: sudo modprobe sch_"+module+
			"\nwhere there is none, nsl doctor says how to come by a kernel that has it", err))
}

// helpWith adds the kernel's own words, which a search engine knows.
func helpWith(help string, err error) string {
	own := "the kernel says: " + err.Error()
	if help == "" {
		return own
	}
	return help + "\n" + own
}

// Printed is the end of a program's output, for a help.
func Printed(text string) string {
	text = strings.TrimRight(strings.ToValidUTF8(text, "?"), "\n")
	if text == "" {
		return "it printed nothing"
	}
	return "it printed:\n  " + strings.ReplaceAll(text, "\n", "\n  ")
}
