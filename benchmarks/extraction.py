"""Condition means of CORnet-Z against PyTorch: ``python -m benchmarks.extraction``.

Both read the same 8-bit images from a memory-mapped file, normalise them, run the
network with the same weights on the same cores, and sum in float64 per condition. They
take turns, batch by batch size, in one process; peak memory is measured in processes of
their own. Needs the ``torch`` extra.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .core import alone, clock, say, timed
from .machine import HERE, describe, load, short, status
from .report import listed, table

# Both libraries at the sizes that people use, and at the smallest that fills the cores:
# PyTorch and XLA alike pay for buffers beyond 32 MiB, which malloc maps anew each time.
BATCHES = (8, 32)
# Images a round for timing, and in a first call; what a run of all of them takes is
# then measured once.
SAMPLE, FIRST, ROUNDS = 320, 64, range(3)
# Orders of PyTorch's tensors in memory.
LIBRARIES = {
    "jaxprune": None,
    "PyTorch": "contiguous_format",
    "PyTorch, channels last": "channels_last",
}
# Channels, size of the kernels, stride.
AREAS = {"V1": (64, 7, 2), "V2": (128, 3, 1), "V4": (256, 3, 1), "IT": (512, 3, 1)}
TASKS = {"V1": ("V1",), "all four areas": tuple(AREAS)}
TIMES = ("ms_per_image", "processor")
REFERENCE = "PyTorch, batches of 8"
NOTES = """\
CORnet-Z at 224 pixels, condition means; median of {rounds} rounds of {sample} images, \
in brackets the fastest and the slowest. *Processor* is processor time over the number \
of cores, which others at work change less, and *ratio* that over the least of \
PyTorch's. *First* is a call with {first} images, compilation included. *Difference* \
is the largest one to PyTorch, relative to the largest mean."""
Means = dict[str, np.ndarray]


def images_of(folder: Path, n: int) -> tuple[Path, np.ndarray]:
    """Dot arrays in a file, and the condition of each."""
    from jaxprune.stimuli import karami32

    path = folder / "images.npy"
    stimuli = karami32(n // 32, 0)
    np.save(path, stimuli.images)
    return path, np.asarray(stimuli.condition)


def ours(layers: tuple[str, ...], batch: int) -> Callable[..., Means]:
    """Return a function of (path, condition): jaxprune."""
    import jaxprune_ports as jpp

    net = jpp.create("cornet_z", seed=0)
    steps = jpp.Preprocessing(size=None, crop=None)
    options: dict[str, Any] = {"preprocessing": steps, "batch_size": batch}

    def means(path: Path, condition: np.ndarray) -> Means:
        images = np.load(path, mmap_mode="r")[: len(condition)]
        return jpp.extract(net, images, condition, layers, **options).features

    return means


def torchs(layers: tuple[str, ...], batch: int, order: str) -> Callable[..., Means]:
    """Return a function of (path, condition): PyTorch, with an order of memory."""
    import torch

    memory_format = getattr(torch, order)
    areas = {
        name: area.to(memory_format=memory_format).eval()
        for name, area in torch_areas(layers).items()
    }
    mean = torch.tensor([0.485, 0.456, 0.406])
    std = torch.tensor([0.229, 0.224, 0.225])

    def means(path: Path, condition: np.ndarray) -> Means:
        images = np.load(path, mmap_mode="r")[: len(condition)]
        index = torch.from_numpy(condition.astype(np.int64))
        count = np.bincount(condition)[:, None]
        sums: dict[str, Any] = {}
        with torch.inference_mode():
            for start in range(0, len(condition), batch):
                pixels = torch.from_numpy(images[start : start + batch].copy())
                if pixels.ndim == 3:
                    pixels = pixels[..., None].expand(-1, -1, -1, 3)
                x = (pixels / 255 - mean) / std
                x = x.permute(0, 3, 1, 2).contiguous(memory_format=memory_format)
                for name, area in areas.items():
                    x = area(x)
                    flat = x.flatten(1).double()
                    if name not in sums:
                        shape = (len(count), flat.shape[1])
                        sums[name] = torch.zeros(shape, dtype=torch.float64)
                    sums[name].index_add_(0, index[start : start + batch], flat)
        return {name: total.numpy() / count for name, total in sums.items()}

    return means


def torch_areas(layers: tuple[str, ...]) -> dict[str, Any]:
    """The first areas of CORnet-Z in PyTorch, with our weights."""
    import torch
    from flax import nnx
    from torch import nn

    import jaxprune_ports as jpp

    weights = nnx.state(jpp.create("cornet_z", seed=0))
    n_in, out = 3, {}
    for name in layers:
        n_out, size, stride = AREAS[name]
        conv = nn.Conv2d(n_in, n_out, size, stride, size // 2)
        kernels = np.asarray(weights[name]["conv"]["kernel"][...])
        with torch.no_grad():
            conv.weight.copy_(torch.from_numpy(kernels.transpose(3, 2, 0, 1).copy()))
            conv.bias.copy_(torch.zeros(n_out))  # pyright: ignore
        out[name] = nn.Sequential(conv, nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1))
        n_in = n_out
    return out


def means_of(library: str, layers: tuple[str, ...], batch: int) -> Callable[..., Means]:
    """Return a function of (path, condition)."""
    order = LIBRARIES[library]
    return ours(layers, batch) if order is None else torchs(layers, batch, order)


def compare(path: Path, n: int, task: str) -> dict[str, Any]:
    """Milliseconds per image of every method, in turns, and how far they agree."""
    say(f"  {task}")
    sample = np.arange(min(SAMPLE, n)) % 32
    calls = {
        f"{library}, batches of {batch}": means_of(library, TASKS[task], batch)
        for batch in BATCHES
        for library in LIBRARIES
    }
    firsts = {n: timed(f, path, sample[:FIRST]).work for n, f in calls.items()}
    rounds = [{n: clock(f, path, sample) for n, f in calls.items()} for _ in ROUNDS]
    reference = rounds[0][REFERENCE][0]

    def per_image(name: str, which: int) -> list[float]:
        return sorted(1e3 * one[name][which] / len(sample) for one in rounds)

    return {
        "task": task,
        "methods": {
            name: {
                "ms_per_image": per_image(name, 1),
                "processor": per_image(name, 2),
                "first": firsts[name],
                "difference": max(
                    float(np.abs(rounds[0][name][0][k] - v).max() / np.abs(v).max())
                    for k, v in reference.items()
                ),
            }
            for name in calls
        },
    }


def child(library: str, path: Path) -> None:
    """Print what one method takes for all images, V1 only, as JSON."""
    condition = np.load(path.with_name("condition.npy"))
    means = means_of(library, TASKS["V1"], BATCHES[0])
    seconds = timed(means, path, condition).work
    mapped, peak = status("RssFile"), status("VmHWM")
    print(json.dumps({"seconds": seconds, "peak": peak, "file": mapped}))


def markdown(result: dict[str, Any]) -> str:
    """Tables of a result."""
    machine = result["machine"]
    versions = machine["versions"]
    lines = [
        "# Benchmark of the extraction",
        "",
        f"{short(machine)}; device {machine['device']}; jax {versions['jax']}, torch "
        f"{versions['torch']}; load {listed(result['load'])}. {machine['when']}. "
        f"`python -m benchmarks.extraction --images {result['n_images']}`.",
        "",
        NOTES.format(
            rounds=len(ROUNDS), sample=min(SAMPLE, result["n_images"]), first=FIRST
        ),
    ]
    header = ["", "ms per image", "processor", "ratio", "first", "difference"]
    for part in result["tasks"]:
        found = part["methods"]
        middles = {name: row["processor"][1] for name, row in found.items()}
        rival = min(ms for name, ms in middles.items() if name.startswith("PyTorch"))
        rows = [
            [
                name,
                *("{1:.2f} ({0:.2f} - {2:.2f})".format(*row[k]) for k in TIMES),
                f"{middles[name] / rival:.2f}",
                f"{row['first']:.1f} s",
                f"{row['difference']:.0e}",
            ]
            for name, row in found.items()
        ]
        title = part["task"][0].upper() + part["task"][1:]
        lines += ["", f"## {title}", "", *table(header, rows)]
    rows = [
        [
            name,
            f"{row['seconds']:.1f}",
            *(f"{row[key] / 2**20:,.0f} MiB" for key in ("peak", "file")),
        ]
        for name, row in result["whole"].items()
    ]
    lines += ["", f"## V1, {result['n_images']:,} images, a process each", ""]
    lines += table(["", "seconds", "peak memory", "of it mapped files"], rows)
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run, and write ``EXTRACTION.md``."""
    if sys.argv[1:2] == ["child"]:
        child(sys.argv[2], Path(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=3200)
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, condition = images_of(Path(folder), options.images)
        n = len(condition)
        result: dict[str, Any] = {
            "machine": describe(),
            "load": load(),
            "n_images": n,
            "tasks": [compare(path, n, task) for task in TASKS],
            "whole": {},
        }
        np.save(path.with_name("condition.npy"), condition)
        for library in ("jaxprune", "PyTorch"):
            say(f"  all {n:,} images: {library}")
            done = alone("extraction", "child", library, str(path))
            result["whole"][library] = json.loads(done)
    text = markdown(result)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "EXTRACTION.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
