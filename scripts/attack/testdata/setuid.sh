# A setuid program is made, or one of the machine's gives rights.
cp /usr/bin/id /tmp/id && chmod 4755 /tmp/id && chown 1:1 /tmp/id 2>/dev/null && chmod 4755 /tmp/id && [ "$(/tmp/id -u)" = 1 ] && echo BROKEN setuid
grep -q '^NoNewPrivs:.*1' /proc/self/status || echo BROKEN no_new_privs
su -c true daemon 2>/dev/null && [ "$(awk '{print $3}' /proc/self/uid_map | head -1)" = 1 ] && echo BROKEN su
true
