package importing

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"nsl/lang/script"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/lab"
	"nsl/runtime/plan"
)

// record runs a script with the tools of the recording before the real ones.
func record(ctx context.Context, l script.Language, w *lab.World, o toRecord) (Recording, error) {
	if err := install(o); err != nil {
		return Recording{}, err
	}
	r := &recorder{world: w, table: l.Table, script: o.Path, changed: map[string]map[string]bool{}, nodes: map[string]bool{}}
	r.session = engine.NewSession(w, l.Table, silent{}, verb.Streams{})
	script.DefaultOptions().Apply(r.session.Interp, o.Path, nil)
	if o.Uplink != "" {
		if err := r.do(ctx, uplinkStatement(o.Uplink)); err != nil {
			return Recording{}, err
		}
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return Recording{}, err
	}
	defer listener.Close()
	go r.serve(ctx, listener)
	return r.run(ctx, o)
}

func uplinkStatement(name string) string { return "internet " + name }

// run runs the script, and looks at the lab when it has ended.
func (r *recorder) run(ctx context.Context, o toRecord) (Recording, error) {
	out := &tail{limit: maxOutput}
	limited, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	argv := append([]string{"env", "PATH=" + bin + ":" + os.Getenv("PATH"), "BASH_ENV=" + dir + "/env"}, o.command()...)
	code, err := r.world.Exec(limited, plan.Host, argv, plan.Streams{Out: out, Err: out})
	late := limited.Err() != nil && ctx.Err() == nil
	if err != nil && !late {
		return Recording{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settle()
	state, err := look(ctx, r.world, r.settings())
	return Recording{Steps: r.steps, Exit: code, Late: late, Output: out.String(), State: state}, err
}

// command is how the script is started: what its first line names, or a shell.
func (o toRecord) command() []string {
	first, _, _ := strings.Cut(o.Text, "\n")
	words := strings.Fields(strings.TrimPrefix(first, "#!"))
	argv := []string{"bash"}
	if strings.HasPrefix(first, "#!") && len(words) > 0 {
		if filepath.Base(words[0]) == "env" && len(words) > 1 {
			words = words[1:]
		}
		switch name := filepath.Base(words[0]); name {
		case "bash":
			argv = append(argv, words[1:]...)
		case "sh", "dash", "ash", "ksh", "zsh":
			argv = append(append(argv, "-O", "xpg_echo"), words[1:]...)
		default:
			argv = words
		}
	}
	return append(append(argv, o.Path), o.Args...)
}

// install writes the script, the files beside it, and the tools.
func install(o toRecord) error {
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	errs := []error{copySelf(dir + "/nsl"), os.WriteFile(dir+"/env", []byte(preamble), 0o644)} //nolint:gosec // programs of any user read it
	for _, name := range tools() {
		errs = append(errs, os.Symlink(dir+"/nsl", filepath.Join(bin, name)))
	}
	for _, f := range append(o.Files, file{o.Path, 0o755, []byte(o.Text)}) {
		errs = append(errs, os.MkdirAll(filepath.Dir(f.Path), 0o755), os.WriteFile(f.Path, f.Data, os.FileMode(f.Mode)))
	}
	return errors.Join(errs...)
}

// copySelf copies this program to where those of the lab find it.
func copySelf(to string) (err error) {
	from, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	defer from.Close()
	f, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Close())
}

// preamble is read by each bash (BASH_ENV, bash(1)): before each command it notes where
// that is, and after a redirection to a file of /proc/sys that this was written.
const preamble = `export NSL_AT
set -o functrace
trap '
if [[ -n ${__nsl_written-} ]]; then nsl-written "$__nsl_written" || :; __nsl_written=; fi
[[ ${BASH_SOURCE[0]-} && ${BASH_SOURCE[0]} != environment ]] && NSL_AT=${BASH_SOURCE[0]}:$LINENO
if [[ $BASH_COMMAND == *">"* ]]; then
  __nsl_to=${BASH_COMMAND##*>}
  __nsl_to=${__nsl_to#"${__nsl_to%%[! ]*}"}
  __nsl_to=${__nsl_to%%[ \;\&\|\)]*}
  if [[ $__nsl_to && $__nsl_to != *[\(\` + "`" + `]* && $__nsl_to != /dev/* ]]; then
    eval "__nsl_to=$__nsl_to" 2>/dev/null || __nsl_to=
    if [[ $__nsl_to == /proc/sys/* ]]; then nsl-written "$__nsl_to" || :; fi
  fi
fi
' DEBUG
`

// tail keeps the end of what is written.
type tail struct {
	bytes.Buffer
	limit int
}

const maxOutput = 64 << 10

// Write keeps what there is room for.
func (t *tail) Write(p []byte) (int, error) {
	n := len(p)
	if len(p) > t.limit {
		p = p[len(p)-t.limit:]
	}
	if over := t.Len() + len(p) - t.limit; over > 0 {
		t.Next(over)
	}
	_, err := t.Buffer.Write(p)
	return n, err
}
