"""What is measured: layers, real where the data is there, and their targets.

Very wide ones are made in blocks, by all cores, and may not fit.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .machine import ROOT, available_memory, cores

SEED = 20240607
SHAPES = {
    "144x4096": (144, 4096),
    "92x25088": (92, 25_088),
    "32x200704": (32, 200_704),
    "200x100352": (200, 100_352),
}
# Activations in a block.
BLOCK = 2**22
# A target from all units of the widest layers would cost more than pruning them.
TARGET_UNITS = 500_000
# Times the features: those given, and on a CPU what is checked, ordered and scored;
# on an accelerator a copy in ranked order. What is sent to one is on the host once.
CPU_NEEDS, DEVICE_NEEDS, HOST_NEEDS = 4, 2, 1.5


@dataclass(frozen=True)
class Case:
    """Features ``(n, N)`` float32 and a square target RDM ``(n, n)`` float64."""

    name: str
    x: np.ndarray
    target: np.ndarray
    source: str
    real: bool

    @property
    def n(self) -> int:
        """Conditions."""
        return self.x.shape[0]

    @property
    def n_units(self) -> int:
        """Units."""
        return self.x.shape[1]

    @property
    def title(self) -> str:
        """Its shape, as printed."""
        return f"{self.n} x {self.n_units:,}"


def load(name: str) -> Case:
    """One of `SHAPES`, or any ``NxM`` (synthetic)."""
    shared = ROOT.parent / "shared" / "data"
    folder = Path(os.environ.get("JAXPRUNE_DATA", shared))
    fc7, objects = folder / "vgg19_fc7_144x4096.npy", folder / "objects92"
    if name == "144x4096" and fc7.is_file():
        x = np.load(fc7)
        source = "VGG-19 fc7, 144 photographs; synthetic target"
        return Case(name, x, synthetic_target(x), source, True)
    if name == "92x25088" and (objects / "vgg16_pool5.npz").is_file():
        with np.load(objects / "vgg16_pool5.npz") as archive:
            x = archive["x"]
        target = np.load(objects / "rdm_human_it.npy")
        return Case(name, x, target, "VGG-16 pool5, 92 objects; human IT RDM", True)
    n, n_units = SHAPES.get(name) or tuple(int(part) for part in name.split("x"))
    x = synthetic_features(n, n_units)
    missing = name in ("144x4096", "92x25088")
    source = "synthetic, ReLU-like" + (" (real data not found)" if missing else "")
    return Case(name, x, synthetic_target(x), source, False)


def synthetic_features(n: int, n_units: int) -> np.ndarray:
    """Activations as after a ReLU: four fifths zeros, latent causes, dead units."""
    rng = np.random.default_rng([SEED, n, n_units])
    causes, loads = rng.normal(size=(n, 8)), rng.normal(size=(8, n_units))
    x = rng.standard_normal((n, n_units), dtype=np.float32)
    x += (0.25 * causes @ loads).astype(np.float32)
    x -= np.float32(1.03)
    np.maximum(x, 0, out=x)
    x[:, rng.random(n_units) < 0.02] = 0
    return x


def synthetic_target(x: np.ndarray) -> np.ndarray:
    """RDM that a tenth of the units carry, and noise: some units help, some harm."""
    rng = np.random.default_rng([SEED, 1])
    kept = rng.permutation(x.shape[1])[: max(3, x.shape[1] // 10)]
    noise = rng.normal(scale=0.1, size=(len(x), len(x)))
    with np.errstate(invalid="ignore", divide="ignore"):
        rdm = 1 - np.nan_to_num(np.corrcoef(x[:, np.sort(kept)]))
    rdm += np.abs(noise + noise.T)
    np.fill_diagonal(rdm, 0)
    return (rdm + rdm.T) / 2


def condensed(square: np.ndarray) -> np.ndarray:
    """Upper triangle, row-major."""
    return square[np.triu_indices(len(square), 1)]


def wide_case(n: int, n_units: int) -> Case:
    """A layer as after a ReLU, the same whatever machine makes it."""
    x = wide_features(n, n_units)
    target = synthetic_target(x[:, :TARGET_UNITS])
    return Case(f"{n}x{n_units}", x, target, "synthetic, ReLU-like", False)


def wide_features(n: int, n_units: int) -> np.ndarray:
    """Four fifths zeros, latent causes, dead units, float32 ``(n, N)``.

    As `synthetic_features`, with uniform noise: normal numbers take four times
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
