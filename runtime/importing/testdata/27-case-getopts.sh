#!/bin/bash
# shows: options read with getopts, their defaults, a command word chosen by case
# expect: native

nodes=2 prefix=10.27.0 mtu= name=n

usage() {
	cat >&2 <<-EOF
	usage: $0 [-n NODES] [-p PREFIX] [-m MTU] [-q] [up|down|status]
	EOF
	exit 2
}

while getopts ":n:p:m:qh" opt; do
	case "$opt" in
	n) nodes=$OPTARG ;;
	p) prefix=$OPTARG ;;
	m) mtu=$OPTARG ;;
	q) exec >/dev/null ;;
	h | \?) usage ;;
	:) echo "-$OPTARG needs a value" >&2; usage ;;
	esac
done
shift $((OPTIND - 1))

case "${1:-up}" in
up | start)
	ip link add hub type bridge
	ip link set hub up
	for i in $(seq "$nodes"); do
		ip netns add $name$i
		ip link add hub-$i type veth peer name eth0 netns $name$i
		ip link set hub-$i master hub up
		ip -n $name$i addr add $prefix.$i/24 dev eth0
		ip -n $name$i link set eth0 up
		[ -z "$mtu" ] || ip -n $name$i link set eth0 mtu "$mtu"
	done
	;;
down | stop)
	for i in $(seq "$nodes"); do ip netns del $name$i; done
	ip link del hub
	;;
status) ip netns list ;;
*) usage ;;
esac
