# Every mount is taken away, the topmost first.
for i in 1 2 3; do
  tac /proc/self/mountinfo | cut -d' ' -f5 | while read -r m; do umount -l "$m"; done
  umount -l /
  cat @HOME@/secret @TMP@/secret @RUN@/secret
done 2>/dev/null
ls /
