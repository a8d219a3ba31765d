#!/bin/bash
# Process 1 of the virtual machine of check-vm.sh: sets it up like an installed Debian,
# runs what is listed in $STAGE, prints the exit code on the console and turns the machine
# off.
export PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin LANG=C.UTF-8 TERM=dumb
home=/var/tmp/nsl-vm

prepare() {
  stty -F /dev/console -onlcr
  mkdir -p /dev/pts /dev/shm /dev/net /lib/modules
  mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
  mount -t tmpfs -o mode=1777 tmpfs /dev/shm
  mount -t tmpfs -o mode=1777 tmpfs /tmp
  mount -t tmpfs -o mode=755 tmpfs /run
  ln -sfn "$MODULES" "/lib/modules/$(uname -r)"
  ip link set lo up
  # As udev does on every machine.
  modprobe tun && chmod 666 /dev/net/tun
}

# tests runs each line of $STAGE/tests as a user.
tests() { # USER
  local failed=0 dir flags start as=()
  [[ $1 == root ]] || as=(setpriv --reuid nobody --regid nogroup --clear-groups --inh-caps=-all)
  rm -rf "$home"
  cp -r "$STAGE/src" "$home"
  [[ $1 == root ]] || chown -R nobody:nogroup "$home"
  while IFS=$'\t' read -r dir flags; do
    start=$SECONDS
    (cd "$home/$dir" && "${as[@]}" env -i HOME="$home" PATH="$PATH" LANG="$LANG" CI=true \
      NSL_ALONE=1 NSL_REQUIRE=netns,dummy,8021q,vlan,ipvlan,vlan-filtering,netem,tap,tun NSL_BINARY="$home/nsl-under-test" \
      bash -c './nsl-vm.test -test.v -test.timeout 20m '"$flags"' </dev/null' >/tmp/log 2>&1)
    tell $? || failed=1
    echo "-- $dir as $1: $(count PASS) passed, $(count FAIL) failed, $(count SKIP) skipped, $((SECONDS - start)) s"
  done <"$STAGE/tests"
  return $failed
}

count() { grep -c -- "^ *--- $1: " /tmp/log; }

# tell prints a log: if the tests failed (CODE is not 0) without those that passed,
# otherwise only what was skipped and said.
tell() { # CODE
  if (($1)); then
    grep -vE '^ *(=== (RUN|PAUSE|CONT) |--- PASS: )' /tmp/log
  else
    awk '/^ *(===|--- PASS:)/ { said = ""; next } /^ *--- SKIP:/ { printf "%s%s\n", said, $0; said = ""; next } { said = said $0 "\n" }' /tmp/log
  fi
  return "$1"
}

run() {
  local code=0 user
  echo "-- Linux $(uname -r), up $(cut -d ' ' -f 1 /proc/uptime) s"
  if [[ -e $STAGE/commands ]]; then
    mkdir -p "$home"
    cp "$STAGE/src/nsl-under-test" "$home/nsl"
    (cd "$home" && PATH=$home:$PATH bash "$STAGE/commands" </dev/null)
    return
  fi
  for user in ${NSL_VM_USERS//,/ }; do
    tests "$user" || code=1
  done
  return $code
}

prepare
run
echo "nsl-vm-exit: $?"
# Wait until the console has sent everything.
stty -F /dev/console sane
sync
echo b >/proc/sysrq-trigger
