package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nsl/runtime/labtest"
)

const heldInside = "ok  expect ping red -> blue"

// spec is the part of a container's description that the test changes (OCI runtime
// specification, config.json).
type spec map[string]any

// In containers of runc, as Docker and Kubernetes start them: where parts of /proc are covered,
// nsl says which flags uncover them, and with these a lab runs, as an ordinary user and as root.
func TestInContainers(t *testing.T) {
	labtest.Nightly(t)
	labtest.NeedSandbox(t)
	needProgram(t, "runc")
	if os.Geteuid() != 0 {
		t.Skip("runc needs root here")
	}
	for name, c := range map[string]struct {
		uid     int
		covered bool
		caps    []string
		says    string
	}{
		"a user":                    {uid: 1000, says: heldInside},
		"root, as Docker has it":    {caps: []string{"CAP_SETUID", "CAP_SETGID", "CAP_CHOWN", "CAP_DAC_OVERRIDE"}, says: heldInside},
		"root without capabilities": {caps: []string{"CAP_KILL"}, says: "root lacks CAP_SETGID and CAP_SETUID here"},
		"a user, covered":           {uid: 1000, covered: true, says: "systempaths=unconfined"},
		"root, covered":             {caps: []string{"CAP_SETUID", "CAP_SETGID"}, covered: true, says: "procMount: Unmasked"},
	} {
		t.Run(name, func(t *testing.T) {
			bundle := bundleOf(t, func(s spec) {
				process, linux := s["process"].(map[string]any), s["linux"].(map[string]any)
				process["user"] = map[string]any{"uid": c.uid, "gid": c.uid}
				sets := map[string]any{}
				for _, set := range []string{"bounding", "effective", "permitted"} {
					sets[set] = append([]string{}, c.caps...)
				}
				process["capabilities"] = sets
				if !c.covered {
					linux["maskedPaths"], linux["readonlyPaths"] = []string{}, []string{}
				}
			})
			run := exec.CommandContext(t.Context(), "runc", "run", "--bundle", bundle, fmt.Sprintf("nsl-test-%d", os.Getpid()))
			out, err := run.CombinedOutput()
			if held := c.says == heldInside; held != (err == nil) || !strings.Contains(string(out), c.says) {
				t.Errorf("%v\n%s\nwant %q", err, out, c.says)
			}
		})
	}
}

// bundleOf is a container with the machine's programs that runs nsl; edit changes what runc
// proposes.
func bundleOf(t *testing.T, edit func(spec)) (dir string) {
	t.Helper()
	dir = t.TempDir()
	written(t, dir, map[string]string{"opt/lab.nsl": "ns red blue\nlink red <-> blue\nexpect ping red -> blue\n", "rootfs/.keep": ""})
	copyOfSelf(t, filepath.Join(dir, "opt", "nsl"))
	for _, name := range []string{filepath.Dir(dir), dir, dir + "/opt", dir + "/opt/nsl", dir + "/opt/lab.nsl", dir + "/rootfs"} {
		if err := os.Chmod(name, 0o755); err != nil { //nolint:gosec // for the user of the container
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "runc", "spec", "--bundle", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	file := filepath.Join(dir, "config.json")
	text, err := os.ReadFile(file)
	var s spec
	if err := errors.Join(err, json.Unmarshal(text, &s)); err != nil {
		t.Fatal(err)
	}
	s.runNSL(dir)
	edit(s)
	text, err = json.Marshal(s)
	if err := errors.Join(err, os.WriteFile(file, text, 0o600)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// copyOfSelf copies the program of this process.
func copyOfSelf(t *testing.T, name string) {
	t.Helper()
	program, err := os.ReadFile("/proc/self/exe")
	if err := errors.Join(err, os.WriteFile(name, program, 0o755)); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
}

// runNSL has the container run the lab with the programs of the machine.
func (s spec) runNSL(dir string) {
	process := s["process"].(map[string]any)
	process["terminal"], process["args"] = false, []string{"nsl", "run", "/opt/lab.nsl"}
	process["env"] = []string{"PATH=/opt:/usr/sbin:/usr/bin:/sbin:/bin"}
	mounts := s["mounts"].([]any)
	bind := func(source, to string) {
		mounts = append(mounts, map[string]any{"destination": to, "type": "bind", "source": source, "options": []string{"rbind", "ro"}})
	}
	for _, name := range []string{"/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc"} {
		if _, err := os.Stat(name); err == nil {
			bind(name, name)
		}
	}
	bind(filepath.Join(dir, "opt"), "/opt")
	s["mounts"] = append(mounts, map[string]any{"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": []string{"nosuid", "nodev"}})
	s["root"] = map[string]any{"path": "rootfs", "readonly": false}
}
