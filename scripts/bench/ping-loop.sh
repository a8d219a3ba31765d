#!/usr/bin/env bash
# usage: ping-loop.sh N
# Runs a ping program for each of the N × (N-1) pairs of a star, one after the other. The
# last line has the seconds that it took, and the number of pings without a reply.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [[ ${NSL_BENCH_STAR:-} != 1 ]]; then
  NSL_BENCH_STAR=1 exec "$here/ip-batch.sh" "$1" "${BASH_SOURCE[0]}" "$1"
fi
start=$EPOCHREALTIME
lost=0
for ((i = 1; i <= $1; i++)); do
  for ((k = 1; k <= $1; k++)); do
    ((i == k)) && continue
    ip netns exec "h$i" ping -q -n -c 1 -W 1 "10.0.$((k >> 8)).$((k & 255))" >/dev/null || lost=$((lost + 1))
  done
done
echo "$start $EPOCHREALTIME $lost" | awk '{printf "%.3f %d\n", $2 - $1, $3}'
