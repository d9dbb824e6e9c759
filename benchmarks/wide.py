"""Very wide layers: made in blocks, by all cores, and whether they fit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .cases import SEED, Case, synthetic_target
from .core import cores
from .machine import available_memory

# Activations in a block.
BLOCK = 2**22
# A target from all units of the widest layers would cost more than pruning them.
TARGET_UNITS = 500_000
# Times the features: those given, and on a CPU what is checked, ordered and scored;
# on an accelerator a copy in ranked order. What is sent to one is on the host once.
CPU_NEEDS, DEVICE_NEEDS, HOST_NEEDS = 4, 2, 1.5


def wide_case(n: int, n_units: int) -> Case:
    """A layer as after a ReLU, the same whatever machine makes it."""
    x = wide_features(n, n_units)
    target = synthetic_target(x[:, :TARGET_UNITS])
    return Case(f"{n}x{n_units}", x, target, "synthetic, ReLU-like", False)


def wide_features(n: int, n_units: int) -> np.ndarray:
    """Four fifths zeros, latent causes, dead units, float32 ``(n, N)``.

    As `cases.synthetic_features`, with uniform noise: normal numbers take four times
    as long to draw.
    """
    x = np.empty((n, n_units), np.float32)
    causes = np.random.default_rng([SEED, n]).normal(size=(n, 8)).astype(np.float32)
    width = max(BLOCK // n, 1)

    def fill(first: int) -> None:
        rng = np.random.default_rng([SEED, n, first])
        out = x[:, first : first + width]
        part = rng.random(out.shape, np.float32)
        # Unit variance, and what a fifth of the responses exceeds.
        part *= np.float32(np.sqrt(12))
        part -= np.float32(np.sqrt(3) + 1.03)
        loads = rng.standard_normal((8, out.shape[1]), np.float32)
        part += np.float32(0.25) * causes @ loads
        part[:, rng.random(out.shape[1]) < 0.02] = 0
        np.maximum(part, 0, out=out)

    with ThreadPoolExecutor(cores()) as pool:
        list(pool.map(fill, range(0, n_units, width)))
    return x


def too_large(
    n: int, n_units: int, device_bytes: int, largest: float | None
) -> str | None:
    """Why a layer is not measured, if it is not.

    Parameters
    ----------
    n, n_units : int
    device_bytes : int
        Memory of the accelerator; 0 on a CPU.
    largest : float or None
        Activations that a layer may have.
    """
    features, host = 4 * n * n_units, available_memory()
    if largest is not None and n * n_units > largest:
        return f"more than {largest:.3g} activations (--largest)"
    if not device_bytes:
        return lacking(CPU_NEEDS * features, host, "this machine")
    return lacking(HOST_NEEDS * features, host, "this machine") or lacking(
        DEVICE_NEEDS * features, device_bytes, "the device"
    )


def lacking(needed: float, memory: int, where: str) -> str | None:
    """Say that memory is too small, if it is; a tenth is left to others."""
    if not memory or needed <= 0.9 * memory:
        return None
    gib = 2**30
    return f"{needed / gib:.3g} GiB needed, {memory / gib:.3g} GiB there ({where})"
