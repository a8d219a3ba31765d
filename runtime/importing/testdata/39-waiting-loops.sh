#!/bin/bash
# shows: loops that wait for something, with a limit of tries or of seconds
# expect: native

ip netns add one
ip netns add two
ip link add eth0 netns one type veth peer name eth0 netns two

# another process sets the far end up, later
( sleep 0.4; ip -n two addr add 10.39.0.2/24 dev eth0; ip -n two link set eth0 up ) &

ip -n one addr add 10.39.0.1/24 dev eth0
ip -n one link set eth0 up

tries=0
until ip netns exec one ping -c 1 -W 1 10.39.0.2 > /dev/null 2>&1; do
	tries=$((tries + 1))
	if [ $tries -gt 20 ]; then
		echo "gave up" >&2
		exit 1
	fi
	sleep 0.2
done
wait

while ! ip -n two link show eth0 | grep -q 'state UP'; do sleep 0.1; done

end=$((SECONDS + 5))
while [ $SECONDS -lt $end ]; do
	[ "$(ip netns exec one cat /sys/class/net/eth0/operstate)" = up ] && break
	sleep 0.1
done

for i in {1..30}; do
	ip -n two -6 addr show dev eth0 | grep -q tentative || { ip -n two link set lo up; break; }
	sleep 0.1
done
timeout 3 bash -c 'while [ ! -e /run/netns/two ]; do sleep 0.1; done' && ip -n one link set lo up
