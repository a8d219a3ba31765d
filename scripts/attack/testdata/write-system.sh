for d in / /usr /etc /usr/bin /opt /lib /boot /var/lib; do
  (: > $d/nsl-attack) 2>/dev/null && case $d in / | /usr | /etc | /usr/bin | /opt | /lib | /boot) echo BROKEN $d;; esac
done
echo x >> /etc/passwd && echo BROKEN passwd
true
