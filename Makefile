# Everything starts here: `make help`.
GO      := $(or $(shell command -v go 2>/dev/null),/usr/local/go/bin/go)
# Both can be read without git: a tarball of the sources has the first of them.
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

# git is not needed to build, and a checkout of another owner must not stop it.
export GOFLAGS     += -buildvcs=false
export CGO_ENABLED := 0
# Under the race detector every process would sleep a second at its end.
export GORACE      := atexit_sleep_ms=0
export PATH        := $(PATH):/usr/local/go/bin

.DEFAULT_GOAL := build
.PHONY: help build demo deps test test-user test-vm test-arm64 test-dist fuzz bench generate man fmt vet lint check ci nightly dist clean

help: ## list what there is to make
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the program, one static file: bin/nsl
	$(GO) build -ldflags '$(LDFLAGS)' -o bin/nsl ./cmd/nsl

demo: build ## build it and run a first lab (needs Go, nothing else, no root)
	./bin/nsl run -v $(LABS)

deps: ## install what the tests use besides Go, or say what to install
	@scripts/deps.sh $(if $(RACE),race)

test: deps build ## every test; those that need what the machine lacks say so and skip
	@scripts/check-tests.sh $(if $(RACE),race) $(TESTFLAGS)

test-user: build ## as root: tests for which the user matters again, as an ordinary user
	@scripts/check-user.sh

test-vm: ## the kernel's tests in a virtual machine with Debian's kernel: dummy, VLAN, ipvlan, … (not in ci)
	@scripts/check-vm.sh

test-arm64: ## the tests that need no namespaces, for arm64 with qemu-user
	@scripts/check-arm64.sh

test-dist: ## the files of a release: whole, and the same from the same sources
	@scripts/check-dist.sh

fuzz: ## each fuzz target for FUZZTIME (20s)
	@scripts/check-fuzz.sh $(FUZZTIME)

bench: build ## a star of 10 to 1000 namespaces, and a mesh of 100, by nsl and by others
	@scripts/bench/deps.sh
	@$(GO) run ./scripts/bench/run $(BENCHFLAGS)

generate: ## renew the generated files
	$(GO) generate ./...

man: ## the manual pages and completion scripts: docs/man, docs/completion
	$(GO) generate ./scripts/genman

fmt: ## gofmt everything
	gofmt -l -w cmd lang runtime stdlib scripts

vet:
	$(GO) vet ./...

lint: vet ## go vet and golangci-lint
	@scripts/check-lint.sh $(GOLANGCI_VERSION)

check: ## nothing left unformatted, untidy or stale
	@scripts/check-format.sh
	@scripts/check-generated.sh

ci: ## what must hold before a change goes in
	@scripts/check-all.sh

nightly: ## what takes too long for every change: all of it under the race detector, fuzzing, the VM, …
	@scripts/deps.sh race
	@scripts/check-nightly.sh $(STAGES)

dist: ## the files of a release: tar.gz, .deb and SBOM for amd64 and arm64, and checksums, in dist/
	@LDFLAGS='$(LDFLAGS)' scripts/dist.sh $(VERSION)

clean: ## remove what make built
	rm -rf bin dist
