"""Compiled kernels are kept from one run of the command line to the next."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

# What says which instructions a processor has, on x86 and on Arm.
INSTRUCTIONS = ("model name", "flags", "Features", "CPU part")


def keep_compiled() -> Path | None:
    """Let JAX keep what it compiles in a folder of the user's.

    With this a small layer takes half the time of its first run. JAX's own variables
    decide where they are set: JAX_COMPILATION_CACHE_DIR is another folder, and
    JAX_ENABLE_COMPILATION_CACHE=false keeps nothing.

    Returns
    -------
    Path or None
        The folder; None where nothing is kept, or where it cannot be written.
    """
    import jax

    if not jax.config.values["jax_enable_compilation_cache"]:
        return None
    if chosen := jax.config.values["jax_compilation_cache_dir"]:
        return Path(chosen)
    folder = cache_folder()
    try:
        # Whoever can write there can have us run their code: nobody else may.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    if not os.access(folder, os.W_OK):
        return None
    jax.config.update("jax_compilation_cache_dir", str(folder))
    # Most kernels take less than the second below which JAX would not keep them.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    return folder


def cache_folder() -> Path:
    """Return the folder of this user and this kind of machine.

    A home that several machines share has one for each kind: what was compiled for one
    processor may hold instructions that another lacks.
    """
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    processor = sha256(_processor().encode()).hexdigest()[:8]
    return Path(base) / "jaxprune" / f"{platform.machine()}-{processor}"


def _processor() -> str:
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        if told := {line for line in lines if line.startswith(INSTRUCTIONS)}:
            return "\n".join(sorted(told))
    return platform.processor()
