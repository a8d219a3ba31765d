# Sourced by the scripts in this directory: starts the script again in user, mount and
# network namespaces of its own, with a private /run for the names of the namespaces.
if [[ ${NSL_BENCH_INSIDE:-} != 1 ]]; then
  NSL_BENCH_INSIDE=1 exec unshare --user --map-root-user --net --mount "$BASH" "$0" "$@"
fi
export PATH=$PATH:/usr/sbin:/sbin
mount -t tmpfs tmpfs /run

n=${1:?usage: $0 N [COMMAND ARG…]}
((n >= 1 && n <= 1023)) || { echo "$0: a bridge has 1 to 1023 ports, not $n" >&2; exit 2; }
shift
