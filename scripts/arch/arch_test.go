// Package arch holds no code: its test keeps the arrows between the packages
// pointing the way docs/architecture.md draws them.
package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// A rule forbids imports. Patterns are import paths, where a trailing /...
// takes in everything below, and "nsl/..." is every package of this module.
type rule struct {
	from    string
	butFrom []string
	not     []string
	except  []string
	// through also forbids reaching the package by way of others.
	through bool
	why     string
}

// only says that a package of this module reaches no others of it than these.
func only(from, why string, except ...string) rule {
	return rule{from: from, not: []string{"nsl/..."}, except: append(except, from), through: true, why: why}
}

var (
	kernelLibraries = []string{
		"github.com/vishvananda/netlink/...",
		"github.com/vishvananda/netns/...",
		"github.com/google/nftables/...",
	}
	leaves = []string{"nsl/lang/source", "nsl/lang/diag", "nsl/lang/syntax"}
	table  = append(slices.Clone(leaves), "nsl/runtime/plan", "nsl/lang/verb")
	// language is what a statement is, and what its words and blocks mean.
	language = append(slices.Clone(table), "nsl/lang/eval")
	// statements are made of the language, and may follow a packet.
	statements = append(slices.Clone(language), "nsl/runtime/path", "nsl/runtime/ruleset", "nsl/runtime/nfmsg", "nsl/runtime/nftables", "nsl/runtime/xtables")
	// families are the packages of verbs about one subject each.
	families = []string{"links", "addrs", "routes", "filter", "names", "services", "show"}
	readers  = []string{"nsl/lang/check", "nsl/lang/complete", "nsl/lang/doc"}
)

func rules() []rule {
	list := []rule{
		only("nsl/lang/source", "places in a file are what everything else refers to"),
		only("nsl/lang/diag", "a diagnostic knows places and nothing else", "nsl/lang/source"),
		only("nsl/lang/syntax", "the parser turns text into a tree, and no more", "nsl/lang/source", "nsl/lang/diag"),
		only("nsl/runtime/plan", "ops are pure data: any package may read them, they need none", "nsl/lang/source"),
		only("nsl/lang/verb", "a verb is made of syntax, diagnostics and ops", table...),
		only("nsl/lang/eval", "values and blocks are evaluated whoever carries statements out", table...),
		only("nsl/lang/format", "the layout of a script is a matter of its tokens", leaves...),
		only("nsl/lang/explain", "a script is explained by the ops of its check", append(slices.Clone(language), "nsl/lang/check")...),
		only("nsl/lang/script", "a script is read, checked and planned on a model, wherever it is to run",
			append(slices.Clone(statements), "nsl/lang/check", "nsl/lang/format", "nsl/lang/write", "nsl/runtime/model", "nsl/runtime/state")...),
		only("nsl/lang/export", "other tools get the lab that a script makes, as ops in its nodes",
			"nsl/lang/source", "nsl/lang/diag", "nsl/runtime/plan"),
		only("nsl/lang/write", "ops are written as statements, whatever they are between", append(slices.Clone(leaves), "nsl/runtime/plan")...),
		only("nsl/runtime/state", "two states are compared as data, of whichever world each is", "nsl/runtime/plan", "nsl/lang/source"),
		only("nsl/lang/lsp", "an editor is answered with what the readers say of a script that is checked on a model",
			append(slices.Clone(statements), "nsl/lang/check", "nsl/lang/complete", "nsl/lang/doc", "nsl/lang/format", "nsl/lang/script", "nsl/lang/write",
				"nsl/runtime/model", "nsl/runtime/state", "nsl/runtime/report")...),
		{from: "nsl/...", not: []string{"github.com/sourcegraph/jsonrpc2/..."}, butFrom: []string{"nsl/lang/lsp"},
			why: "only the language server speaks JSON-RPC"},
		only("nsl/runtime/kernel/...", "the kernel world does ops and does not know the language above source",
			"nsl/runtime/plan", "nsl/lang/source", "nsl/runtime/rtnl", "nsl/runtime/proc"),
		only("nsl/runtime/node", "what no kernel remembers of the nodes is kept beside the kernel world, whose namespaces it enters",
			"nsl/runtime/kernel/...", "nsl/runtime/plan", "nsl/lang/source", "nsl/runtime/probe", "nsl/runtime/service/...", "nsl/runtime/rtnl", "nsl/runtime/proc", "nsl/runtime/terminal", "nsl/runtime/files"),
		only("nsl/runtime/proc", "what the kernel shows of processes is the same whoever asks"),
		only("nsl/runtime/rtnl", "messages are framed alike whatever they mean"),
		only("nsl/runtime/model", "the model of a lab answers for ops that were done in memory; it does not read scripts; names are found by segment, as path has it",
			"nsl/runtime/plan", "nsl/lang/source", "nsl/runtime/path", "nsl/runtime/ruleset"),
		only("nsl/runtime/restore", "what differs from a snapshot is found by questions, and restored by ops", "nsl/runtime/plan", "nsl/lang/source"),
		only("nsl/runtime/path", "a packet is followed by questions, whoever answers them", "nsl/runtime/plan", "nsl/lang/source", "nsl/runtime/ruleset"),
		only("nsl/runtime/ruleset", "what rules do with a packet is found from the rules, wherever they were read", "nsl/runtime/plan", "nsl/lang/source"),
		only("nsl/runtime/labtest", "the tests of the kernel world and of the probes use it, so it cannot use these",
			"nsl/lang/...", "nsl/stdlib/...", "nsl/runtime/plan", "nsl/runtime/path", "nsl/runtime/ruleset", "nsl/runtime/nfmsg", "nsl/runtime/nftables", "nsl/runtime/xtables", "nsl/runtime/model", "nsl/runtime/state", "nsl/runtime/sandbox/...", "nsl/runtime/outside"),
		{from: "nsl/...", not: []string{"nsl/runtime/labtest/..."}, butFrom: []string{"nsl/runtime/labtest/..."},
			why: "labtest is for tests; the program does without it"},
		only("nsl/runtime/engine", "the engine meets any World and any table through interfaces; cmd puts them together",
			append(slices.Clone(language), "nsl/runtime/restore")...),
		only("nsl/runtime/probe/...", "a probe sends packets, it does not read scripts", "nsl/runtime/plan", "nsl/lang/source", "nsl/runtime/rtnl"),
		only("nsl/runtime/service/...", "a server answers what comes to its sockets; runtime/node opens the door to one",
			"nsl/runtime/plan", "nsl/lang/source", "nsl/runtime/probe", "nsl/runtime/rtnl", "nsl/runtime/files"),
		only("nsl/runtime/trace", "a packet is described in words, whoever asked for it"),
		only("nsl/runtime/watch", "packets are seen as they pass, whatever they are about", "nsl/runtime/plan", "nsl/lang/source"),
		only("nsl/runtime/terminal", "a terminal is shown on another, whatever runs in it", "nsl/runtime/proc"),
		only("nsl/runtime/sandbox/...", "the sandbox starts processes, whatever they do inside; a machine's refusal is a finding",
			"nsl/lang/source", "nsl/lang/diag", "nsl/runtime/outside"),
		only("nsl/runtime/files", "a file is opened, whatever is in it"),
		only("nsl/runtime/outside", "a process outside is asked, whatever the lab does with the answer"),
		only("nsl/runtime/host", "what a lab does to the machine is admitted, recorded and undone as ops, whichever kernel world does them",
			"nsl/lang/source", "nsl/lang/diag", "nsl/runtime/plan", "nsl/runtime/proc"),
		only("nsl/runtime/converge", "a lab is made what a script says by ops between two states, whoever asks for it",
			"nsl/lang/...", "nsl/runtime/plan", "nsl/runtime/model", "nsl/runtime/path", "nsl/runtime/restore", "nsl/runtime/ruleset", "nsl/runtime/nfmsg", "nsl/runtime/nftables", "nsl/runtime/xtables", "nsl/runtime/state", "nsl/runtime/engine", "nsl/runtime/report"),
		only("nsl/runtime/consent", "a person is asked for what a script says that it needs, whatever runs it",
			"nsl/lang/...", "nsl/runtime/plan", "nsl/runtime/model", "nsl/runtime/path", "nsl/runtime/restore", "nsl/runtime/ruleset", "nsl/runtime/state",
			"nsl/runtime/terminal", "nsl/runtime/proc"),
		only("nsl/runtime/keeper", "a keeper holds a lab and its clients together; what is done in the lab is up to runtime/lab",
			"nsl/lang/source", "nsl/lang/diag", "nsl/runtime/plan", "nsl/runtime/sandbox/...", "nsl/runtime/outside", "nsl/runtime/proc", "nsl/runtime/terminal"),
		only("nsl/runtime/doctor", "what a machine supports is tried in a sandbox of the kernel world, without a script",
			"nsl/lang/source", "nsl/lang/diag", "nsl/runtime/plan", "nsl/runtime/sandbox/...", "nsl/runtime/outside", "nsl/runtime/kernel/...", "nsl/runtime/rtnl", "nsl/runtime/proc"),
		{from: "nsl/runtime/lab", not: []string{"nsl/stdlib/...", "nsl/runtime/doctor"},
			through: true, why: "a lab runs whatever table of statements it is given"},
		only("nsl/runtime/importing/topology", "a lab of another tool becomes commands, whatever imports them",
			"nsl/lang/source", "nsl/lang/diag", "nsl/runtime/plan"),
		{from: "nsl/...", not: []string{"go.yaml.in/yaml/..."}, butFrom: []string{"nsl/runtime/importing/topology"},
			why: "only the topologies of other tools are YAML"},
		{from: "nsl/runtime/importing", not: []string{"nsl/stdlib/...", "nsl/runtime/doctor"},
			through: true, why: "a shell script is imported into whatever table of statements there is"},
		only("nsl/runtime/report", "a report is written from results, whichever world they came from", "nsl/lang/...", "nsl/runtime/plan"),
		only("nsl/runtime/suite", "a suite finds scripts, schedules processes and reads their events, whatever starts them",
			"nsl/lang/...", "nsl/runtime/plan", "nsl/runtime/path", "nsl/runtime/ruleset", "nsl/runtime/model", "nsl/runtime/state", "nsl/runtime/report", "nsl/runtime/proc", "nsl/runtime/terminal"),
		only("nsl/stdlib", "the list of verbs puts the families together; a verb plans ops, it does not touch the kernel",
			append(slices.Clone(statements), "nsl/stdlib/...", "nsl/lang/shell")...),
		only("nsl/stdlib/lab", "what several families ask of a lab belongs to none of them", statements...),
		only("nsl/stdlib/why", "a packet's fate is explained from the lab, whoever asks", append(slices.Clone(statements), "nsl/stdlib/lab")...),
		only("nsl/stdlib/probes", "a probe that fails says why; otherwise it needs no more than any verb",
			append(slices.Clone(statements), "nsl/stdlib/lab", "nsl/stdlib/why")...),
		only("nsl/lang/shell", "a line of a shell is words, whatever they mean"),
		only("nsl/stdlib/foreign", "commands of other programs become statements, as text, for the lab as it is", append(slices.Clone(table), "nsl/lang/shell", "nsl/runtime/nfmsg", "nsl/runtime/nftables", "nsl/runtime/xtables")...),
		only("nsl/runtime/nfmsg", "messages are data, of whatever program", "nsl/runtime/plan"),
		only("nsl/runtime/xtables", "a command of iptables edits tables as data, wherever they were read", "nsl/runtime/nfmsg", "nsl/runtime/plan", "nsl/lang/source"),
		only("nsl/runtime/nftables", "a command of nft edits tables as data, wherever they were read", "nsl/runtime/nfmsg", "nsl/runtime/plan", "nsl/lang/source"),
		{from: "nsl/...", not: []string{"mvdan.cc/sh/..."}, butFrom: []string{"nsl/lang/shell"},
			why: "lang/shell is the only importer of the shell's parser"},
		{from: "nsl/runtime/repl", not: []string{"nsl/runtime/kernel/...", "nsl/stdlib/..."},
			through: true, why: "the prompt drives an engine that cmd gives it"},
		{from: "nsl/lang/...", not: append([]string{"nsl/runtime/kernel/...", "nsl/runtime/node", "nsl/runtime/lab", "nsl/stdlib/...", "nsl/cmd/..."}, kernelLibraries...),
			through: true, why: "the language is read on machines that have no such kernel"},
		{from: "nsl/stdlib/...", not: kernelLibraries,
			through: true, why: "a verb plans ops; it does not touch the kernel"},
		{from: "nsl/...", not: kernelLibraries, butFrom: []string{"nsl/runtime/kernel/..."},
			why: "runtime/kernel is the only importer of netlink, netns and nftables"},
		{from: "nsl/...", not: []string{"github.com/miekg/dns/...", "github.com/insomniacslk/dhcp/..."},
			butFrom: []string{"nsl/runtime/service/..."},
			why:     "the protocols of names and leases are the services'; all others speak of them in plan's words"},
		{from: "nsl/...", not: []string{"github.com/chzyer/readline/..."}, butFrom: []string{"nsl/runtime/repl"},
			why: "runtime/repl is the only importer of readline"},
		{from: "nsl/...", not: []string{"github.com/creack/pty/..."}, butFrom: []string{"nsl/runtime/terminal"},
			why: "runtime/terminal is the only importer of pty"},
		{from: "nsl/...", not: []string{"github.com/alecthomas/participle/..."},
			butFrom: []string{"nsl/lang/...", "nsl/stdlib/..."},
			why:     "what is parsed is parsed in lang; the runtime gets trees and ops"},
		{from: "nsl/...", not: []string{"github.com/spf13/..."},
			butFrom: []string{"nsl/cmd/...", "nsl/lang/doc/...", "nsl/scripts/genman"},
			why:     "the command line is cmd's; its manual is made beside it"},
		{from: "nsl/...", not: []string{"github.com/spf13/cobra/doc"}, butFrom: []string{"nsl/scripts/genman"},
			why: "what writes manuals is no part of the program"},
		{from: "nsl/...", not: []string{"nsl/cmd/..."}, butFrom: []string{"nsl/cmd/..."},
			why: "cmd puts the packages together; nothing builds on it"},
		{from: "nsl/...", not: []string{"nsl/scripts/..."}, butFrom: []string{"nsl/scripts/..."},
			why: "scripts are tools beside the program, not parts of it"},
	}
	for _, family := range families {
		list = append(list, only("nsl/stdlib/"+family, "families share what is in lab, and nothing else", append(slices.Clone(statements), "nsl/stdlib/lab")...))
	}
	for _, reader := range readers {
		list = append(list, only(reader+"/...", "readers need the table and the language, not each other", slices.Concat(table, []string{"nsl/lang/eval"})...))
	}
	return list
}

func TestArrowsPointOneWay(t *testing.T) {
	packages := listPackages(t)
	for _, r := range rules() {
		for _, p := range packages {
			for _, bad := range r.broken(p) {
				t.Errorf("%s imports %s\n\tbut %s", p.ImportPath, bad, r.why)
			}
		}
	}
}

// goPackage is the part of `go list -json` that says who imports whom;
// imports of test files are not in it.
type goPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	list := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,Deps", "nsl/...")
	list.Stderr = t.Output()
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return packages
		case err != nil:
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// broken lists what the package imports against the rule.
func (r rule) broken(p goPackage) []string {
	if !matches(r.from, p.ImportPath) || matchesAny(r.butFrom, p.ImportPath) {
		return nil
	}
	reached := p.Imports
	if r.through {
		reached = p.Deps
	}
	var bad []string
	for _, dep := range reached {
		if matchesAny(r.not, dep) && !matchesAny(r.except, dep) {
			bad = append(bad, dep)
		}
	}
	return bad
}

func matchesAny(patterns []string, importPath string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, importPath) })
}

func matches(pattern, importPath string) bool {
	root, below := strings.CutSuffix(pattern, "/...")
	if !below {
		return pattern == importPath
	}
	return importPath == root || strings.HasPrefix(importPath, path.Clean(root)+"/")
}

// A rule that can never fail keeps nothing: each kind is shown something bad.
func TestRulesFindWhatBreaksThem(t *testing.T) {
	const netlink = "github.com/vishvananda/netlink"
	tests := []struct {
		name string
		pkg  goPackage
		want bool
	}{
		{"the kernel world may", goPackage{ImportPath: "nsl/runtime/kernel", Imports: []string{netlink}, Deps: []string{netlink}}, false},
		{"a part of the kernel world may", goPackage{ImportPath: "nsl/runtime/kernel/nft", Imports: []string{netlink}}, false},
		{"the engine may not", goPackage{ImportPath: "nsl/runtime/engine", Imports: []string{netlink}}, true},
		{"nor a package below netlink", goPackage{ImportPath: "nsl/runtime/engine", Imports: []string{netlink + "/nl"}}, true},
		{"a verb may not, by way of another", goPackage{ImportPath: "nsl/stdlib", Deps: []string{netlink}}, true},
		{"cmd reaches it by way of the kernel world", goPackage{ImportPath: "nsl/cmd/nsl", Deps: []string{netlink}}, false},
		{"source imports nothing of ours", goPackage{ImportPath: "nsl/lang/source", Deps: []string{"nsl/lang/diag"}}, true},
		{"source may use the standard library", goPackage{ImportPath: "nsl/lang/source", Deps: []string{"strings"}}, false},
		{"a reader does not read a reader", goPackage{ImportPath: "nsl/lang/doc", Deps: []string{"nsl/lang/check"}}, true},
		{"a reader evaluates", goPackage{ImportPath: "nsl/lang/check", Deps: []string{"nsl/lang/eval"}}, false},
		{"the layout does not evaluate", goPackage{ImportPath: "nsl/lang/format", Deps: []string{"nsl/lang/eval"}}, true},
		{"an evaluation does not carry out", goPackage{ImportPath: "nsl/lang/eval", Deps: []string{"nsl/runtime/engine"}}, true},
		{"a way is followed in any world", goPackage{ImportPath: "nsl/runtime/path", Deps: []string{"nsl/runtime/model"}}, true},
		{"a reason is found on the way", goPackage{ImportPath: "nsl/stdlib/why", Deps: []string{"nsl/runtime/path"}}, false},
		{"a family does not know another", goPackage{ImportPath: "nsl/stdlib/routes", Deps: []string{"nsl/stdlib/filter"}}, true},
		{"a family asks what all ask", goPackage{ImportPath: "nsl/stdlib/routes", Deps: []string{"nsl/stdlib/lab"}}, false},
		{"a probe says why", goPackage{ImportPath: "nsl/stdlib/probes", Deps: []string{"nsl/stdlib/why"}}, false},
		{"a verb does not say why", goPackage{ImportPath: "nsl/stdlib/services", Deps: []string{"nsl/stdlib/why"}}, true},
		{"the program does not use what is for tests", goPackage{ImportPath: "nsl/runtime/engine", Imports: []string{"nsl/runtime/labtest"}}, true},
		{"a verb does not know the engine", goPackage{ImportPath: "nsl/stdlib", Deps: []string{"nsl/runtime/engine"}}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			broken := slices.ContainsFunc(rules(), func(r rule) bool { return len(r.broken(test.pkg)) > 0 })
			if broken != test.want {
				t.Errorf("broken = %v, want %v", broken, test.want)
			}
		})
	}
}
