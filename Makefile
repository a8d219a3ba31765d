# Everything starts here: `make help`.
GO      := $(or $(shell command -v go 2>/dev/null),/usr/local/go/bin/go)
# Neither needs git: without it the commit is unknown.
VERSION ?= $(or $(shell scripts/version.sh),unknown)
COMMIT  ?= $(or $(shell git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null),unknown)
LDFLAGS := -s -w -X main.linkedVersion=$(VERSION) -X main.linkedCommit=$(COMMIT)
LABS    ?= scripts/labs/bridge-and-nat.nsl

FUZZTIME         ?= 20s
GOLANGCI_VERSION ?= v2.15.0
# RACE=1: where goroutines are started the tests have the race detector, which needs gcc.
RACE             ?=
TESTFLAGS        ?= -timeout 8m
BENCHFLAGS       ?=

# The build does not need git, and works in a clone that another user owns. What is compiled
# does not depend on where the clone is, so all clones share the build cache.
export GOFLAGS     += -buildvcs=false -trimpath
export CGO_ENABLED := 0
# With the race detector every process would sleep for a second before it exits.
export GORACE      := atexit_sleep_ms=0
export PATH        := $(PATH):/usr/local/go/bin

.DEFAULT_GOAL := build
.PHONY: help build demo deps test attack test-user test-vm test-arm64 test-dist fuzz bench generate man fmt vet lint check ci nightly dist vsix clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build the program, one static file: bin/nsl
	$(GO) build -ldflags '$(LDFLAGS)' -o bin/nsl ./cmd/nsl

demo: build ## build it and run a first lab (needs only Go, no root)
	./bin/nsl run -v $(LABS)

deps: ## install what the tests use besides Go, or say what to install
	@scripts/deps.sh $(if $(RACE),race)

test: deps build ## run every test; those that need something this machine lacks skip and say why
	@scripts/check-tests.sh $(if $(RACE),race) $(TESTFLAGS)

attack: build ## run hostile programs in labs, as root and as others: none may reach what is outside
	@NSL_BINARY=$(CURDIR)/bin/nsl NSL_REQUIRE=netns NSL_ATTACK=all $(GO) test -count 1 $(TESTFLAGS) ./scripts/attack

test-user: build ## as root: run the tests for which the user matters again, as an ordinary user
	@scripts/check-user.sh

test-vm: ## test with Debian's kernel in a virtual machine: dummy, VLAN, ipvlan, … (not part of ci)
	@scripts/check-vm.sh

test-arm64: ## run the tests that need no namespaces for arm64, with qemu-user
	@scripts/check-arm64.sh

test-dist: ## check that the files of a release are complete and reproducible
	@scripts/check-dist.sh

fuzz: ## run each fuzz target for FUZZTIME (20s)
	@scripts/check-fuzz.sh $(FUZZTIME)

bench: build ## compare nsl with others: stars, pairs, a chain, leaves and spines, a mesh of 100
	@scripts/bench/deps.sh
	@$(GO) run ./scripts/bench/run $(BENCHFLAGS)

generate: ## write the generated files again
	$(GO) generate ./...

man: ## write the manual pages and completion scripts: docs/man, docs/completion
	$(GO) generate ./scripts/genman

fmt: ## format the Go files
	gofmt -l -w cmd lang runtime stdlib scripts

vet:
	$(GO) vet ./...

lint: vet ## run go vet and golangci-lint
	@scripts/check-lint.sh $(GOLANGCI_VERSION)

check: ## check formatting, go.mod, generated files, and the build for macOS and Windows
	@scripts/check-format.sh
	@scripts/check-generated.sh
	@scripts/check-cross.sh

ci: ## check everything that a change has to pass
	@scripts/check-all.sh

nightly: ## run what takes too long for every change: everything with the race detector, fuzzing, the VM, …
	@scripts/deps.sh race nightly
	@scripts/check-nightly.sh $(STAGES)

dist: ## make the files of a release in dist/: tar.gz, .deb and SBOM for amd64 and arm64, checksums
	@LDFLAGS='$(LDFLAGS)' scripts/dist.sh $(VERSION)

vsix: ## build the extension for VS Code with npm: scripts/editors/vscode/dist/nsl.vsix
	cp LICENSE scripts/editors/vscode/
	cd scripts/editors/vscode && npm ci --ignore-scripts --no-audit --no-fund && npm run lint && npm run vsix

clean: ## remove bin and dist
	rm -rf bin dist
