# For scripts that run tests in CI, on machines that may be busy: with NSL_AGAIN=FILE what
# failed runs once more, alone, and if it passes then, it is written to FILE as flaky and does
# not fail the check. Without it, as in make test and make nightly, the first failure counts.

# failed_tests FILE prints the tests that failed, as a pattern for -run. It prints nothing if
# tests ended in another way than by failing, such as a panic, a race or a timeout.
failed_tests() {
  ! grep -qE '^(panic:|fatal error:|WARNING: DATA RACE)|\[(build|setup) failed\]' "$1" || return 0
  sed -nE 's/^--- FAIL: (Test[^ /]*|Example[^ /]*) .*/\1/p' "$1" | sort -u | paste -sd '|' | sed -E 's/.+/^(&)$/'
}

# again FILE COMMAND... runs COMMAND with the pattern of failed_tests added; FILE is what the
# first run printed.
again() {
  local only
  [[ ${NSL_AGAIN:-} ]] || return 1
  only=$(failed_tests "$1")
  [[ $only ]] || return 1
  shift
  printf '\n-- once more, alone: %s\n' "$only"
  "$@" "$only" || return 1
  printf 'FLAKY: %s failed, and passed when run again\n' "$only" | tee -a "$NSL_AGAIN"
}
