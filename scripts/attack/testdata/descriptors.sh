# Descriptors of the lab's own processes lead outside.
for fd in /proc/[0-9]*/fd/* /proc/[0-9]*/task/*/fd/* /proc/[0-9]*/cwd /proc/[0-9]*/root; do
  cat $fd@HOME@/secret $fd/secret; cat $fd/${TMP#/tmp/}/secret
  for d in @HOME@ @TMP@ @RUN@; do cat $fd/$(basename $d)/secret $fd/../$d/secret; done
done 2>/dev/null
for p in /proc/[0-9]*; do cat $p/root@HOME@/secret $p/cwd/secret; done 2>/dev/null
true
