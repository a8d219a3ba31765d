# usage: sh sabotage.sh break|satisfy WORD…
# Run on the host of a lab, right before one of its expectations, whose words it is
# given: spoils what a positive one is about, brings about what a negative one denies.
# For the test that no expectation holds whatever happens.
inside() { if [ "$1" = host ]; then shift; "$@"; else n=$1; shift; ip netns exec "$n" "$@"; fi; }
nodes="host $(ip netns list | cut -d' ' -f1)"
links() { inside "$1" ip -o link | sed 's/^[0-9]*: //; s/[:@].*//' | grep -vx lo; }
what=$1 probe=$2
shift 2

# The two sides of "A -> B", without brackets, ports and options.
from= to= side=from
for w; do
  case $w in
  '->') side=to ;;
  '<' | '>') ;;
  http://*) w=${w#http://} w=${w%%/*}; to="$to ${w%:*}" ;;
  *) if [ $side = from ]; then from="$from $w"; else to="$to ${w%:[0-9]*}"; fi ;;
  esac
done

if [ "$what" = break ]; then
  case $probe in
  sysctl) value=${2#*=}; [ "$value" = 0 ] && value=1 || value=0; inside "$1" sysctl -qw "${2%%=*}=$value" ;;
  link) case " $* " in *" down "*) for n in $nodes; do for l in $(links "$n"); do inside "$n" ip link set "$l" up; done; done; exit ;; esac ;;
  ns) ip netns del "$1" ;;
  process) exit 0 ;;
  esac
  for n in $nodes; do inside "$n" ip addr flush dev lo; for l in $(links "$n"); do inside "$n" ip link del "$l" 2>/dev/null; done; done
  exit 0
fi

for n in $nodes; do inside "$n" nft flush ruleset 2>/dev/null; done
case $probe in
link) node=host iface=$1; case $1 in *:*) node=${1%%:*} iface=${1#*:} ;; esac
  inside "$node" ip link add "$iface" type bridge; inside "$node" ip link set "$iface" up; exit 0 ;;
addr) inside "${1%%:*}" ip addr add "$2" dev lo; exit 0 ;;
ns) ip netns add "$1"; exit 0 ;;
dns | process | listen) exit 0 ;;
esac
k=0
for a in $from; do
  for b in $to; do
    k=$((k + 1))
    case $b in
    [0-9]*.*) inside "$a" ip addr add "$b/32" dev lo ;;
    *)
      ip link add "zz-$k" type veth peer name "yy-$k"
      [ "$a" = host ] || ip link set "zz-$k" netns "$a"
      [ "$b" = host ] || ip link set "yy-$k" netns "$b"
      inside "$a" ip addr add "10.99.$k.1/24" dev "zz-$k"; inside "$a" ip link set "zz-$k" up
      inside "$b" ip addr add "10.99.$k.2/24" dev "yy-$k"; inside "$b" ip link set "yy-$k" up
      for x in $(inside "$b" ip -o -4 addr | sed 's/.*inet //; s/[/ ].*//' | grep -v '^127\.\|^10\.99\.'); do inside "$a" ip addr add "$x/32" dev lo; done
      ;;
    esac
  done
done
exit 0
