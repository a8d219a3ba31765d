# More processes than the lab may have, which is 300 here (and 1024 more for a moment). It
# would stop at 3000 by itself.
import os, signal, time
children = []
try:
    for i in range(3000):
        pid = os.fork()
        if pid == 0:
            time.sleep(60)
            os._exit(0)
        children.append(pid)
except OSError as e:
    print("refused after", len(children), e)
else:
    print("BROKEN: 3000 processes")
for pid in children:
    os.kill(pid, signal.SIGKILL)
