"""A disk that syncs slowly: a shared object, compiled here, that makes every fsync and fdatasync take longer."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.services.processes import ServiceFailed

SYNC_MS = 5
SOURCE = """\
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>

static int slow(const char *name, int handle) {
    int (*real)(int) = (int (*)(int)) dlsym(RTLD_NEXT, name);
    usleep(SYNC_US);
    return real(handle);
}

int fsync(int handle) { return slow("fsync", handle); }
int fdatasync(int handle) { return slow("fdatasync", handle); }
"""


def environment(folder: Path) -> dict[str, str]:
    """Return the settings under which a process syncs slowly; raises ServiceFailed without a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise ServiceFailed("a slow disk is made with a C compiler; on Debian: apt-get install gcc libc6-dev")
    source, made = folder / "slow_sync.c", folder / "slow_sync.so"
    source.write_text(SOURCE)
    command = [compiler, "-shared", "-fPIC", f"-DSYNC_US={SYNC_MS * 1000}", "-o", made, source, "-ldl"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise ServiceFailed(f"the slow disk was not compiled: {done.stderr}")
    return {"LD_PRELOAD": str(made)}
