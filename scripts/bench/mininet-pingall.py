#!/usr/bin/python3
"""usage: mininet-pingall.py N

Mininet's pingAll on N hosts at one Linux bridge; the seconds that it took, and how
many pings had no reply, are the last line. Needs root; the links are made in network and mount namespaces of its own.
"""
import os
import subprocess
import sys
import time

if os.environ.get("NSL_BENCH_INSIDE") != "1":
    os.environ["NSL_BENCH_INSIDE"] = "1"
    os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, *sys.argv])

from mininet.log import setLogLevel
from mininet.net import Mininet
from mininet.nodelib import LinuxBridge
from mininet.topo import SingleSwitchTopo

subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
setLogLevel("error")
n = int(sys.argv[1])
net = Mininet(topo=SingleSwitchTopo(n), switch=LinuxBridge, controller=None)
net.start()
start = time.monotonic()
percent = net.pingAll(timeout="1")
took = time.monotonic() - start
net.stop()
print(f"{took:.3f} {round(percent / 100 * n * (n - 1))}")
