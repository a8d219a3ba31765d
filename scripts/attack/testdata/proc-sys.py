# Settings of the whole machine: opening one for writing is enough.
import os
for name in ("kernel/core_pattern", "kernel/modprobe", "kernel/hotplug", "kernel/sysrq", "kernel/printk", "kernel/panic",
             "vm/drop_caches", "vm/overcommit_memory", "fs/binfmt_misc/register", "fs/file-max", "kernel/randomize_va_space",
             "kernel/yama/ptrace_scope", "kernel/unprivileged_userns_clone", "dev/tty/legacy_tiocsti"):
    try:
        os.close(os.open("/proc/sys/" + name, os.O_WRONLY))
        print("BROKEN", name)
    except OSError as e:
        print(name, e.strerror)
for name in ("/proc/sysrq-trigger", "/sys/kernel/uevent_helper", "/sys/power/state", "/sys/kernel/debug", "/sys/module"):
    try:
        if os.path.isdir(name):
            os.close(os.open(name + "/nsl-attack", os.O_WRONLY | os.O_CREAT))
        else:
            os.close(os.open(name, os.O_WRONLY))
        print("BROKEN", name)
    except OSError as e:
        print(name, e.strerror)
