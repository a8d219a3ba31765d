package engine_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopacket/gopacket/pcapgo"
	"golang.org/x/sys/unix"

	"nsl/lang/diag"
	"nsl/lang/eval"
	"nsl/lang/script"
	"nsl/lang/source"
	"nsl/lang/verb"
	"nsl/runtime/engine"
	"nsl/runtime/lab"
	"nsl/runtime/labtest"
	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
	"nsl/stdlib"
)

// netlinkFault is one that the kernel, or the lack of memory, can cause.
type netlinkFault struct {
	rtnl.Fault
	// passing ones are gone a moment later: the script must hold.
	passing bool
}

func netlinkFaults() map[string]netlinkFault {
	faults := map[string]netlinkFault{
		"no reply":         {Fault: rtnl.Fault{Lost: unix.EAGAIN}},
		"lost reply":       {Fault: rtnl.Fault{Lost: unix.ENOBUFS}},
		"interrupted dump": {Fault: rtnl.Fault{Damage: interrupted}, passing: true},
		"short reply":      {Fault: rtnl.Fault{Damage: func(b []byte) []byte { return b[:len(b)/2] }}},
		"garbled reply":    {Fault: rtnl.Fault{Damage: func(b []byte) []byte { b[1] ^= 0xff; return b }}},
	}
	for _, e := range []unix.Errno{unix.EBUSY, unix.EPERM, unix.EOPNOTSUPP} {
		faults[unix.ErrnoName(e)] = netlinkFault{Fault: rtnl.Fault{Refused: e}}
	}
	for _, e := range []unix.Errno{unix.EINTR, unix.EAGAIN, unix.ENOBUFS, unix.ENOMEM} {
		faults[unix.ErrnoName(e)] = netlinkFault{Fault: rtnl.Fault{Refused: e}, passing: true}
	}
	return faults
}

// interrupted sets NLM_F_DUMP_INTR in a message that is a part of a dump.
func interrupted(b []byte) []byte {
	const flags = 6 // struct nlmsghdr
	if f := binary.NativeEndian.Uint16(b[flags:]); f&unix.NLM_F_MULTI != 0 {
		binary.NativeEndian.PutUint16(b[flags:], f|unix.NLM_F_DUMP_INTR)
	}
	return b
}

// requestsJob is a lab whose requests fail, one in each run, with one fault after the
// other.
type requestsJob struct {
	Script string
	// Runs is how many requests fail, spread over the lab; 0 is every one.
	Runs int
}

// TestFaultAtEveryRequest lets requests to the kernel fail, one in each run of a lab. The
// lab must hold, or end with the exit code of a machine's fault and name the statement;
// what the statement did is undone, and nothing is left. Each change tries some requests of
// three labs; with NSL_FAULTS=N there are N of every lab, with 0 all.
func TestFaultAtEveryRequest(t *testing.T) {
	labtest.NeedSandbox(t)
	files := []string{"testdata/everything.nsl", "../../scripts/labs/bridge-and-nat.nsl", "../../scripts/labs/ring.nsl"}
	job := requestsJob{Runs: 8}
	if runs, err := strconv.Atoi(os.Getenv("NSL_FAULTS")); err == nil {
		job.Runs = runs
		labs, _ := filepath.Glob("../../scripts/labs/*.nsl")
		files = append(files[:1], labs...)
		files = append(files, "testdata/links.nsl")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			arg, err := json.Marshal(requestsJob{Script: string(text), Runs: job.Runs})
			if err != nil {
				t.Fatal(err)
			}
			t.Log(strings.TrimSpace(labtest.InSandbox(t, "requests", string(arg))))
		})
	}
}

// TestNothingIsLeft makes a lab and takes it away, again and again: then there are as many
// descriptors, names, mounts, processes and interfaces as after the first time. On a machine of
// the test's own, the kernel has as many network namespaces, too.
func TestNothingIsLeft(t *testing.T) {
	labtest.NeedSandbox(t)
	times := 20
	switch {
	case labtest.IsNightly():
		times = 1000
	case os.Getenv("NSL_ALONE") != "":
		times = 50
	}
	if n, err := strconv.Atoi(os.Getenv("NSL_CYCLES")); err == nil {
		times = n
	}
	before := kernelNamespaces(t)
	t.Log(labtest.InSandbox(t, "cycles", strconv.Itoa(times)))
	// Objects that are free count as used while a processor has them at hand.
	const atHand = 64
	deadline := time.Now().Add(30 * time.Second)
	for left := kernelNamespaces(t); left > before+atHand; left = kernelNamespaces(t) {
		if time.Now().After(deadline) {
			t.Fatalf("%d network namespaces in the kernel, %d before", left, before)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// kernelNamespaces is how many network namespaces the kernel has, those included that no
// process can reach (slabinfo(5)); 0 where others make some as well.
func kernelNamespaces(t *testing.T) (n int) {
	t.Helper()
	if os.Getenv("NSL_ALONE") == "" || os.Geteuid() != 0 {
		return 0
	}
	text, err := os.ReadFile("/proc/slabinfo")
	_, row, found := strings.Cut(string(text), "\nnet_namespace ")
	if _, errScan := fmt.Sscan(row, &n); err != nil || !found || errScan != nil {
		t.Fatalf("no net_namespace in /proc/slabinfo: %v", errors.Join(err, errScan))
	}
	return n
}

// cycles runs inside the sandbox.
func cycles(arg string, out io.Writer) error {
	const script = "ns red blue r1\nlink red <-> r1 10.0.1.0/24\nlink r1 <-> blue 10.0.2.0/24\nforward r1\n" +
		"route red default via 10.0.1.2\nroute blue default via 10.0.2.1\nnat 10.0.1.0/24 on r1\nserve http blue\n" +
		"test \"in a block\" {\n  ns green\n  link green <-> r1 10.0.3.0/24\n}\nexpect ping red -> blue\n"
	times, err := strconv.Atoi(arg)
	if err != nil {
		return err
	}
	_ = (&faultyRun{script: script, at: -1}).run()
	used := inUse()
	for n := range times {
		if err := (&faultyRun{script: script, at: -1}).run(); err != nil {
			return fmt.Errorf("after %d labs: %w", n, err)
		}
	}
	if left := inUse(); left != used {
		return fmt.Errorf("after %d labs: %s, after the first: %s", times, left, used)
	}
	fmt.Fprintf(out, "%d labs, then %s\n", times, used)
	return nil
}

// TestOnAFullDisk: what captures, logs and save write there ends the run as the machine's
// fault. A capture ends with a whole packet, and a saved script is whole or not there.
func TestOnAFullDisk(t *testing.T) {
	labtest.NeedSandbox(t)
	for _, what := range []string{"capture", "log", "log of a program that ends", "save"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			t.Log(labtest.InSandbox(t, "full", what))
		})
	}
}

// disk is a directory with room for 64 KiB.
const disk = "/tmp/disk"

// fullDisk runs inside the sandbox.
func fullDisk(what string, out io.Writer) error {
	if err := errors.Join(os.Mkdir(disk, 0o755), unix.Mount("tmpfs", disk, "tmpfs", 0, "size=64k")); err != nil {
		return err
	}
	switch what {
	case "capture":
		return fullCapture(out)
	case "log":
		return fullLog("spawn red --log \"" + disk + "/x.log\" sh -c 'head -c 100k /dev/zero; echo >/tmp/full; exec sleep 1000'\n" +
			"exec red sh -c 'until test -e /tmp/full; do sleep 0.01; done'\n")
	case "save":
		return fullSave()
	}
	return fullLog("spawn red --log \"" + disk + "/x.log\" sh -c 'head -c 100k /dev/zero'\n")
}

// fullLog runs a script that writes a log.
func fullLog(script string) error {
	r := &faultyRun{script: "ns red\n" + script, at: -1}
	err := r.run()
	file := (*plan.FileError)(nil)
	if said := r.findings.Error(); r.code == diag.ExitMachine && strings.Contains(said, disk+"/x.log cannot be written: no space left") {
		return nil
	}
	if r.code == diag.ExitOK && errors.As(err, &file) && file.Path == disk+"/x.log" && errors.Is(file, unix.ENOSPC) {
		return nil // at the end of the lab, for which runtime/lab exits so
	}
	return fmt.Errorf("exit %d: %w", r.code, errors.Join(r.findings, err))
}

// fullSave saves scripts that have no room.
func fullSave() error {
	fresh, old := disk+"/fresh.nsl", disk+"/old.nsl"
	if err := script.Write(old, "ns old\n"); err != nil {
		return err
	}
	long := strings.Repeat("ns red # and more\n", 10_000)
	for _, name := range []string{fresh, old} {
		err := script.Write(name, long)
		if d := script.Unwritten(name, err); !errors.Is(err, unix.ENOSPC) || d.Severity != diag.Machine {
			return fmt.Errorf("%s: %w, %w", name, err, d)
		}
	}
	text, err := os.ReadFile(old)
	files, errDir := os.ReadDir(disk)
	if string(text) != "ns old\n" || len(files) != 1 {
		return fmt.Errorf("%q in %v: %w", text, files, errors.Join(err, errDir))
	}
	return nil
}

func fullCapture(out io.Writer) error {
	const dir = disk
	script := "ns red blue\nlink red <-> blue 10.0.0.0/24\ncapture red \"" + dir + "/x.pcapng\"\nfor i in range(100) {\n  expect ping red -> blue size 1400\n}\n"
	r := &faultyRun{script: script, at: -1}
	if err := r.run(); r.code != diag.ExitMachine || r.findings == nil {
		return fmt.Errorf("exit %d: %w", r.code, errors.Join(r.findings, err))
	}
	f, err := os.Open(dir + "/x.pcapng")
	if err != nil {
		return err
	}
	defer f.Close()
	packets, err := pcapgo.NewNgReader(f, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		if _, _, err := packets.ReadPacketData(); errors.Is(err, io.EOF) && n > 0 {
			fmt.Fprintf(out, "%d packets: %s\n", n, r.findings)
			return nil
		} else if err != nil {
			return fmt.Errorf("after %d packets: %w", n, err)
		}
	}
}

// requests runs inside the sandbox.
func requests(arg string, out io.Writer) error {
	var job requestsJob
	if err := json.Unmarshal([]byte(arg), &job); err != nil {
		return err
	}
	all := netlinkFaults()
	names := slices.Sorted(maps.Keys(all))
	// The first run of all makes what a process has once, as the mount of names.
	_ = (&faultyRun{script: job.Script, at: -1}).run()
	first := &faultyRun{script: job.Script, at: -1}
	if err := first.run(); err != nil || first.code != diag.ExitOK {
		return fmt.Errorf("without faults: exit %d: %w", first.code, errors.Join(first.findings, err))
	}
	total := int(first.count.Load())
	step := 1
	if job.Runs > 0 {
		step = max(total/job.Runs, 1)
	}
	runs, held, wrong := 0, 0, []error(nil)
	for at := step / 2; at < total; at += step {
		name := names[runs%len(names)]
		r := &faultyRun{script: job.Script, at: at, fault: all[name], begins: first.begins}
		if err := r.run(); err != nil {
			wrong = append(wrong, fmt.Errorf("request %d (%s), %s: %w", at, r.what, name, err))
		}
		runs++
		if r.code == diag.ExitOK {
			held++
		}
	}
	if runs == 0 {
		return errors.New("nothing was injected")
	}
	fmt.Fprintf(out, "%d requests; %d runs, a fault in each: %d held, %d ended as the machine's fault\n", total, runs, held, runs-held)
	return errors.Join(wrong...)
}

// faultyRun is a run of a script in which one request fails.
type faultyRun struct {
	script string
	at     int
	fault  netlinkFault
	// begins are the requests that were made before each statement, in the run without
	// faults.
	begins []int
	// third is done before the third statement; every request of the kind refused is then.
	third   func() error
	refused int

	// seen gets the requests of a run without faults; nil is none.
	seen rtnl.Faults
	// batch: statements may wait for others. After looks at the lab that the script leaves.
	batch bool
	after func(plan.View) error

	count     atomic.Int64
	statement int
	clean     *lab.World
	what      string
	code      int
	findings  diag.List
}

// Fault implements [rtnl.Faults].
func (r *faultyRun) Fault(protocol, kind, flags int) rtnl.Fault {
	if r.seen != nil {
		r.seen.Fault(protocol, kind, flags)
	}
	if r.refused == kind && kind != 0 {
		return rtnl.Fault{Refused: unix.EPERM}
	}
	if int(r.count.Add(1))-1 != r.at {
		return rtnl.Fault{}
	}
	r.what = fmt.Sprintf("protocol %d, type %d, flags %#x", protocol, kind, flags)
	return r.fault.Fault
}

// run runs the script and judges what came of it.
func (r *faultyRun) run() (err error) {
	used := inUse()
	if r.clean, err = lab.New(); err != nil {
		return err
	}
	err = errors.Join(r.inLab(), r.judge(), wipe(r.clean), r.clean.Close())
	if left := inUse(); err == nil && left != used {
		err = fmt.Errorf("left over: %s, before %s", left, used)
	}
	return err
}

// inLab runs the script in a lab of its own.
func (r *faultyRun) inLab() error {
	set := &source.Set{}
	table := stdlib.Table()
	tree := table.Split(set.Add("lab.nsl", r.script))
	world, err := lab.NewOn(rtnl.Dialer{Faults: r})
	if err == nil {
		err = world.Apply(context.Background(), plan.Baseline{Node: plan.Host})
	}
	if err != nil {
		r.findings = diag.List{verb.Refused(tree.Statements[0].Span, nil, err)}
		r.code = r.findings.ExitCode()
	} else {
		s := engine.NewSession(world, table, &quiet{}, verb.Streams{})
		s.Lab.Sole, s.Batch = true, r.batch
		h := &statements{Session: s, run: r}
		s.Interp.Host, s.Interp.Modules = h, labtest.Modules(table, set, nil)
		err = s.Run(context.Background(), tree.Statements)
		if list, ok := diag.FromError(err); ok && err != nil {
			r.findings, r.code = list, list.ExitCode()
		} else if err != nil {
			return fmt.Errorf("no finding: %w", err)
		} else if s.Failed > 0 {
			r.code = diag.ExitFailed
		}
	}
	if world == nil {
		return nil
	}
	var looked error
	if r.after != nil {
		looked = r.after(world)
	}
	return errors.Join(looked, world.Close())
}

// statements takes note of where each statement begins.
type statements struct {
	*engine.Session
	run *faultyRun
}

func (s *statements) Statement(ctx context.Context, p verb.Parsed, at eval.Situation) error {
	return s.run.around(func() error { return s.Session.Statement(ctx, p, at) })
}

// around runs a statement, and looks at the lab around the one whose request fails.
func (r *faultyRun) around(f func() error) error {
	n := r.statement
	r.statement++
	if r.at < 0 {
		r.begins = append(r.begins, int(r.count.Load()))
		if n == 2 && r.third != nil {
			if err := r.third(); err != nil {
				return err
			}
		}
		return f()
	}
	within := n < len(r.begins) && r.begins[n] <= r.at && (n+1 == len(r.begins) || r.at < r.begins[n+1])
	if !within {
		return f()
	}
	before, err := labtest.Dump(r.clean)
	if err != nil {
		return err
	}
	failed := f()
	if failed == nil || strings.Contains(failed.Error(), "while undoing") {
		return failed
	}
	after, err := labtest.Dump(r.clean)
	if err == nil && after != before {
		err = fmt.Errorf("%w: the lab is not as before\n--- before\n%s--- after\n%s", failed, before, after)
	}
	return errors.Join(failed, err)
}

// judge looks at the end of the run.
func (r *faultyRun) judge() error {
	switch {
	case r.code == diag.ExitOK:
		return nil
	case r.at < 0 || r.code != diag.ExitMachine:
		return fmt.Errorf("exit %d: %w", r.code, r.findings)
	case r.fault.passing:
		return fmt.Errorf("it passes, but ended the script: %w", r.findings)
	}
	for _, d := range r.findings {
		if d.Severity == diag.Machine && d.Subject.End > d.Subject.Start && strings.Contains(d.Summary, ": ") {
			return nil
		}
	}
	return fmt.Errorf("no finding names statement and object: %w", r.findings)
}

// wipe takes everything out of the lab.
func wipe(w *lab.World) error {
	ctx := context.Background()
	names, err := w.Nodes()
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := w.Apply(ctx, plan.DelNS{Name: n}); err != nil {
			return err
		}
	}
	if err := w.Commit(); err != nil {
		return err
	}
	links, err := w.Links(plan.Host)
	for _, l := range links {
		if l.Name == plan.Loopback {
			continue
		}
		gone := w.Apply(ctx, plan.DelLink{Node: plan.Host, Name: l.Name})
		if !errors.Is(gone, plan.ErrNoLink) && !errors.Is(gone, unix.ENODEV) { // with its peer
			err = errors.Join(err, gone)
		}
	}
	if st, _ := w.Nft(plan.Host); st.Exists {
		err = errors.Join(err, w.Apply(ctx, plan.DelNftTable{Node: plan.Host}))
	}
	return err
}

// inUse is what the process and its namespace have open.
func inUse() string {
	count := func(dir string) int {
		entries, _ := os.ReadDir(dir)
		return len(entries)
	}
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	processes, _ := filepath.Glob("/proc/[0-9]*")
	files, _ := filepath.Glob("/run/*")
	return fmt.Sprintf("descriptors %s, %d names, %s, %d mounts, %d processes, %d links",
		descriptors(), count("/run/netns"), files, strings.Count(string(mounts), "\n"), len(processes), count("/sys/class/net"))
}

// descriptors are the kinds of what the process has open, sorted.
func descriptors() []string {
	var kinds []string
	names, _ := filepath.Glob("/proc/self/fd/*")
	for _, name := range names {
		target, err := os.Readlink(name)
		if err == nil {
			kind, _, _ := strings.Cut(target, ":[")
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}
