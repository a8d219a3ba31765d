# More memory than a program of the lab may have, which is 256 MiB here. It would stop at
# 1 GiB by itself.
blocks = []
try:
    while len(blocks) < 64:
        blocks.append(bytearray(b"x" * (16 << 20)))
except MemoryError:
    print("refused after", len(blocks) * 16, "MiB")
else:
    print("BROKEN: 1 GiB of memory")
