# The name and the clock of the machine.
was=$(cat /proc/sys/kernel/hostname)
hostname nsl-attack; echo "the name is $(hostname)"
date -s '2001-01-01' 2>/dev/null && echo BROKEN date
true
