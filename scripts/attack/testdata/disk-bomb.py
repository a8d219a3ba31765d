# More files than the lab's root has room for. It would stop at 1.5 GiB, or 300,000 files,
# by itself.
import os
written, made, block = 0, 0, b"x" * (1 << 20)
for place in ["/tmp", "/run", "/var/tmp", "/dev/shm", "/var", os.getcwd(), "@HOME@"]:
    name = place + "/bomb"
    try:
        with open(name, "wb", buffering=0) as f:
            while written < 1536:
                if f.write(block) < len(block):
                    break
                written += 1
    except OSError as e:
        print(place, e)
print(written, "MiB")
if written > 600:
    print("BROKEN: more than 600 MiB")
for place in ["/tmp", "/run", "/var/tmp", "/dev/shm", "/var"]:
    try:
        os.remove(place + "/bomb")
    except OSError:
        pass
try:
    os.makedirs("/tmp/many")
    while made < 300000:
        os.close(os.open("/tmp/many/%d" % made, os.O_CREAT | os.O_WRONLY))
        made += 1
except OSError as e:
    print("refused after", made, "files", e)
else:
    print("BROKEN: 300,000 files")
