# For scripts that run several checks: each runs also after one that failed, and the
# time that each took is printed at the end.

failed=0
table=
make=(make --no-print-directory)

stage() { # NAME COMMAND...
  local name=$1 start=$SECONDS verdict=ok
  shift
  printf '\n== %s: %s\n' "$name" "$*"
  "$@" </dev/null || { verdict=FAILED failed=1; }
  table+=$(printf '%-10s %5ds  %s' "$name" $((SECONDS - start)) "$verdict")$'\n'
}

report() { # ends the script
  printf '\n%s%-10s %5ds\n' "$table" total $SECONDS
  exit $failed
}
