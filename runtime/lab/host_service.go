package lab

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"nsl/lang/diag"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/runtime/host"
	"nsl/runtime/keeper"
	"nsl/runtime/plan"
)

const (
	// serviceScripts has a directory for the script and the modules of each lab that a service
	// brings up, where no one but root changes them.
	serviceScripts = "/etc/nsl"
	// unitDir is where an administrator puts units (systemd.unit(5)).
	unitDir = "/etc/systemd/system"
)

// InstallService installs a service of systemd that brings a lab up on the machine when it
// starts; it is neither enabled nor started. The script is checked and copied. It returns the
// exit code; what is wrong is reported.
func (s Setup) InstallService(file string, args []string, name string, h HostOptions) int {
	name = cmp.Or(name, NameOf(file))
	set := &source.Set{}
	err := cmp.Or(keeper.CheckName(name), mayChangeHost("nsl install-service "+file))
	if err == nil {
		err = s.installService(set, file, args, name, h)
	}
	if err != nil {
		return reportedIn(set, err)
	}
	fmt.Fprintf(os.Stdout, `%[1]s is the service nsl-%[1]s
    start it now, and with the machine:  systemctl enable --now nsl-%[1]s
    end it, and for good:                systemctl disable --now nsl-%[1]s
    its script:                          %[2]s
`, name, filepath.Join(serviceScripts, name, filepath.Base(file)))
	return diag.ExitOK
}

func (s Setup) installService(set *source.Set, file string, args []string, name string, h HostOptions) error {
	program, err := trustedProgram()
	if err != nil {
		return err
	}
	text, err := host.TheCaller().Read(file)
	if err != nil {
		return err
	}
	o := ScriptOptions{Script: script.DefaultOptions()}
	o.Script.Args = args
	err = reading(func(w *World) error {
		policy, err := hostPolicy(w, h)
		if err == nil {
			_, _, err = s.planHost(set, set.Add(file, text), w, policy, o)
		}
		return err
	})
	if err != nil {
		return err
	}
	dir := filepath.Join(serviceScripts, name)
	if err := copyScripts(set, filepath.Dir(file), dir); err != nil {
		return err
	}
	unit := filepath.Join(unitDir, "nsl-"+name+".service")
	return os.WriteFile(unit, []byte(serviceUnit(program, name, filepath.Join(dir, filepath.Base(file)), args, h)), 0o644) //nolint:gosec // systemctl shows it to anyone
}

// copyScripts copies the files of a script, which are in its directory or below it.
func copyScripts(set *source.Set, from, to string) error {
	for _, f := range set.Files() {
		name, err := filepath.Rel(from, f.Name)
		if err != nil || !filepath.IsLocal(name) || strings.HasPrefix(f.Name, "std/") {
			continue // a module of nsl itself
		}
		path := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // as all of /etc
			return err
		}
		if err := os.WriteFile(path, []byte(f.Text), 0o644); err != nil { //nolint:gosec // as all of /etc
			return err
		}
	}
	return nil
}

// serviceUnit is the text of a unit (systemd.service(5)). What a start that was cut off has left
// is undone first.
func serviceUnit(program, name, script string, args []string, h HostOptions) string {
	program, script = unitWord(program), unitWord(script)
	options := "--host --yes"
	if h.Forwarding {
		options += " --host-forwarding"
	}
	for i, a := range args {
		if i == 0 {
			script += " --"
		}
		script += " " + unitWord(a)
	}
	return fmt.Sprintf(`[Unit]
Description=nsl lab %s
Documentation=man:nsl-up(1)
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStartPre=-%[2]s clean
ExecStart=%[2]s up %[3]s --name %[1]s %[4]s
ExecStop=%[2]s down --host

[Install]
WantedBy=multi-user.target
`, name, program, options, script)
}

// unitWord is a word of a command in a unit (systemd.service(5), "Command lines").
func unitWord(s string) string {
	if plan.Quote(s) != s {
		s = strconv.Quote(s)
	}
	return strings.NewReplacer("%", "%%", "$", "$$").Replace(s)
}

// trustedProgram is the path of this program. The error is that others than root may change what
// is there, and with it what root runs when the machine starts.
func trustedProgram() (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	for path := program; ; path = filepath.Dir(path) {
		info, err := os.Lstat(path)
		if err != nil {
			return "", err
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		writable := info.Mode().Perm()&0o022 != 0 && info.Mode()&fs.ModeSticky == 0
		if !ok || st.Uid != 0 || writable {
			return "", diag.List{diag.Errorf(diag.HostRefused, source.Span{}, "the service would run %s as root, but others than root may change %s", program, path).
				WithHelp("install nsl first: install -m 755 %s /usr/local/bin/nsl", program)}
		}
		if path == filepath.Dir(path) {
			return program, nil
		}
	}
}
