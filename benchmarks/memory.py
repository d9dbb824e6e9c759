"""Peak extra memory: one method in a process of its own.

``python -m benchmarks.memory CASE TASK KEY`` calls the method twice: once to compile
and to start threads, then, with the kernel's high-water mark reset, to measure. Where
the mark cannot be reset, only an accelerator's memory is known.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from .cases import load
from .core import Method, alone
from .machine import device_rise, device_stats, rise
from .methods import methods_of

# Freed blocks go back to the system at once, so that the second call shows in full.
ENVIRONMENT = {
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "MALLOC_TRIM_THRESHOLD_": "65536",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}
# What a rival needs does not depend on how many units it does, once past a batch; the
# last prefixes are the largest.
RIVAL_ITEMS, SLOW_RIVAL_ITEMS = 1024, 4


def peak_extra(case: str, task: str, key: str) -> dict[str, Any]:
    """Measure in a fresh process."""
    try:
        return json.loads(alone("memory", case, task, key, **ENVIRONMENT))
    except subprocess.CalledProcessError as error:
        return {"memory_error": str(error)}


def measure_here(method: Method) -> dict[str, Any]:
    """Call a method twice and see how far the mark rises."""
    slow = method.key in ("script", "script_each", "rsatoolbox")
    items = method.items
    if method.sample is not None:
        items = items[: method.sample]
    elif not method.ours:
        items = items[-(SLOW_RIVAL_ITEMS if slow else RIVAL_ITEMS) :]
    before = device_stats()
    method.call(items)
    return rise(lambda: method.call(items)) | device_rise(before)


def main(name: str, task: str, key: str) -> None:
    """Print the peak extra memory of one method as JSON."""
    from joblib import parallel_config

    method = next(m for m in methods_of(task, load(name)) if m.key == key)
    # The script's memory is that of one of its workers.
    with parallel_config("sequential"):
        print(json.dumps(measure_here(method)))


if __name__ == "__main__":
    main(*sys.argv[1:4])
