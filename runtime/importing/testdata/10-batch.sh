#!/bin/bash
# shows: ip -batch from a file, from standard input and in a namespace; -force goes on after an error
# expect: native

list=$(mktemp)
trap 'rm -f "$list"' EXIT

cat > "$list" <<'EOF'
netns add b1
netns add b2
# a comment, and an empty line

link add b1b2 type veth peer name b2b1
link set b1b2 netns b1
link set b2b1 netns b2
EOF
ip -batch "$list"

ip -n b1 -batch - <<EOF
addr add 10.10.0.1/24 dev b1b2
link set lo up
link set b1b2 up
EOF

printf '%s\n' "addr add 10.10.0.2/24 dev b2b1" "link set b2b1 up" "route add default via 10.10.0.1" | ip -n b2 -b -

# the second line fails, the third is done all the same
ip -force -batch - 2>/dev/null <<'EOF' || echo "one line of them failed"
netns add b3
netns add b3
netns add b4
EOF
