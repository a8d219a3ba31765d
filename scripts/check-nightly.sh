#!/usr/bin/env bash
# usage: check-nightly.sh [STAGE...]
# Runs what takes too long for every change: the given stages, or all of those below. A
# failed stage does not stop the next one; the time of each is printed at the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/stages.sh

only=" $* "
wanted() { [[ $only == "  " || $only == *" $1 "* ]]; }

# Random labs and scripts, different each time; the output shows the seed.
random() {
  local code=0
  go test -count 1 -timeout 60m ./runtime/model -run 'TestAsTheKernel|TestInverse' -rapid.seed=0 -rapid.checks=1000 || code=1
  NSL_EDITS=100000 NSL_EDITS_SEED=$RANDOM go test -count 1 -timeout 60m ./lang/lsp -run TestEditsNeverMislead -v || code=1
  NSL_MUTANTS=100000 NSL_MUTANTS_SEED=$RANDOM go test -count 1 -timeout 60m ./runtime/engine -run TestMutants -v || code=1
  return $code
}

# A fault at every request to the kernel of every lab.
faults() {
  NSL_FAULTS=0 go test -count 1 -timeout 180m ./runtime/engine -run TestFaultAtEveryRequest -v
}

export NSL_NIGHTLY=1 NSL_REQUIRE=netns CI=true
stage build "${make[@]}" build
wanted test && stage test scripts/check-tests.sh race-all -timeout 30m -count 1
wanted attack && stage attack "${make[@]}" attack
wanted random && stage random random
wanted faults && stage faults faults
wanted arm64 && stage arm64 "${make[@]}" test-arm64
wanted dist && stage dist "${make[@]}" test-dist
if command -v npm >/dev/null; then
  wanted vsix && stage vsix "${make[@]}" vsix
  if [[ $(node --version) == v20.* ]]; then
    wanted vscode && stage vscode scripts/check-vscode.sh
  else
    echo "vscode is left out: it needs Node.js 20"
  fi
fi
wanted fuzz && stage fuzz "${make[@]}" fuzz FUZZTIME=60s
wanted flaky && stage flaky scripts/check-flaky.sh
if ((EUID == 0)); then
  wanted user && stage user scripts/check-user.sh all
  wanted places && stage places scripts/check-places.sh
fi
wanted vm && stage vm scripts/check-vm.sh
report
