"""Condition means of CORnet-Z against PyTorch: ``python -m benchmarks.extraction``.

Both read the same 8-bit images from a memory-mapped file, normalise them, run the
network with the same weights on the same cores, and sum in float64 per condition. They
take turns, batch by batch size, in one process; peak memory is measured in processes of
their own. Needs the ``torch`` extra.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .cases import ROOT
from .machine import describe
from .measure import say

# Both libraries at the sizes that people use, and at the smallest that fills the cores:
# PyTorch and XLA alike pay for buffers beyond 32 MiB, which malloc maps anew each time.
BATCHES = (8, 32)
TASKS = {"V1": ("V1",), "all four areas": ("V1", "V2", "V4", "IT")}
# Images a round for timing; what a run of all of them takes is then measured once.
SAMPLE, ROUNDS = 320, 3
Means = dict[str, np.ndarray]


def images_of(folder: Path, n: int) -> tuple[Path, np.ndarray]:
    """Dot arrays in a file, and the condition of each."""
    from jaxprune.stimuli import karami32

    path = folder / "images.npy"
    stimuli = karami32(n // 32, 0)
    np.save(path, stimuli.images)
    return path, np.asarray(stimuli.condition)


def ours(layers: tuple[str, ...], batch_size: int) -> Callable[..., Means]:
    """Return a function of (path, condition): jaxprune."""
    import jaxprune_ports as jpp

    net = jpp.create("cornet_z", seed=0)
    steps = jpp.Preprocessing(size=None, crop=None)

    def means(path: Path, condition: np.ndarray) -> Means:
        images = np.load(path, mmap_mode="r")[: len(condition)]
        return jpp.extract(
            net,
            images,
            condition,
            layers,
            preprocessing=steps,
            batch_size=batch_size,
        ).features

    return means


def torchs(
    layers: tuple[str, ...], batch_size: int, channels_last: bool = False
) -> Callable[..., Means]:
    """Return a function of (path, condition): PyTorch."""
    import torch

    network = torch_network(layers)
    order = torch.channels_last if channels_last else torch.contiguous_format
    network.to(memory_format=order)
    mean = torch.tensor([0.485, 0.456, 0.406])
    std = torch.tensor([0.229, 0.224, 0.225])

    def means(path: Path, condition: np.ndarray) -> Means:
        images = np.load(path, mmap_mode="r")[: len(condition)]
        index = torch.from_numpy(condition.astype(np.int64))
        sums: dict[str, Any] = {}
        with torch.inference_mode():
            for start in range(0, len(condition), batch_size):
                pixels = torch.from_numpy(images[start : start + batch_size].copy())
                if pixels.ndim == 3:
                    pixels = pixels[..., None].expand(-1, -1, -1, 3)
                x = (pixels / 255 - mean) / std
                x = x.permute(0, 3, 1, 2).contiguous(memory_format=order)
                rows = index[start : start + batch_size]
                for layer, area in network(x).items():
                    if layer in layers:
                        area = area.flatten(1).double()
                        if layer not in sums:
                            shape = (int(index.max()) + 1, area.shape[1])
                            sums[layer] = torch.zeros(shape, dtype=torch.float64)
                        sums[layer].index_add_(0, rows, area)
        count = np.bincount(condition)[:, None]
        return {layer: total.numpy() / count for layer, total in sums.items()}

    return means


def torch_network(layers: tuple[str, ...]) -> Any:
    """CORnet-Z in PyTorch up to the last layer asked for, with our weights."""
    import torch
    from flax import nnx

    import jaxprune_ports as jpp

    nn = torch.nn
    net = nnx.state(jpp.create("cornet_z", seed=0))

    class Areas(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            sizes = {"V1": (3, 64, 7, 2), "V2": (64, 128, 3, 1)}
            sizes |= {"V4": (128, 256, 3, 1), "IT": (256, 512, 3, 1)}
            self.areas = nn.ModuleDict()
            for name, (n_in, n_out, kernel, stride) in sizes.items():
                conv = nn.Conv2d(n_in, n_out, kernel, stride, kernel // 2)
                weights = net[name]["conv"]
                with torch.no_grad():
                    kernels = np.asarray(weights["kernel"][...]).transpose(3, 2, 0, 1)
                    conv.weight.copy_(torch.from_numpy(kernels.copy()))
                    conv.bias.copy_(torch.zeros(n_out))  # pyright: ignore
                self.areas[name] = nn.Sequential(
                    conv, nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)
                )
                if name == layers[-1]:
                    break

        def forward(self, x: Any) -> dict[str, Any]:
            out = {}
            for name, area in self.areas.items():
                x = out[name] = area(x)
            return out

    return Areas().eval()


def methods(layers: tuple[str, ...]) -> dict[str, Callable[..., Means]]:
    """Everything that is compared."""
    found: dict[str, Callable[..., Means]] = {}
    for batch in BATCHES:
        found[f"jaxprune, batches of {batch}"] = ours(layers, batch)
        found[f"PyTorch, batches of {batch}"] = torchs(layers, batch)
        name = f"PyTorch, channels last, batches of {batch}"
        found[name] = torchs(layers, batch, channels_last=True)
    return found


def compare(path: Path, condition: np.ndarray, task: str) -> dict[str, Any]:
    """Milliseconds per image of every method, in turns, and how far they agree."""
    sample = condition[np.arange(SAMPLE) % len(condition)] * 0
    sample[:] = np.arange(SAMPLE) % 32
    seconds: dict[str, list[float]] = {}
    first: dict[str, float] = {}
    out: dict[str, Means] = {}
    calls = methods(TASKS[task])
    for name, call in calls.items():
        start = time.perf_counter()
        out[name] = call(path, sample[:64])
        first[name] = time.perf_counter() - start
    for number in range(ROUNDS):
        say(f"  {task}: round {number + 1} of {ROUNDS}")
        for name, call in calls.items():
            start = time.perf_counter()
            call(path, sample)
            seconds.setdefault(name, []).append(time.perf_counter() - start)
    reference = out["PyTorch, batches of 8"]
    return {
        "task": task,
        "methods": {
            name: {
                "ms_per_image": sorted(1e3 * s / SAMPLE for s in spent),
                "first": first[name],
                "difference": max(
                    float(np.abs(out[name][k] - v).max() / np.abs(v).max())
                    for k, v in reference.items()
                ),
            }
            for name, spent in seconds.items()
        },
    }


def whole(path: Path, condition: np.ndarray, which: str, batch: int) -> dict[str, Any]:
    """Seconds and peak memory of all images, V1 only, in a process of its own."""
    np.save(path.with_name("condition.npy"), condition)
    words = [sys.executable, "-m", "benchmarks.extraction", "--child", which]
    words += [str(batch), str(path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def child(which: str, batch: int, path: Path) -> None:
    """Print what one method takes for all images, as JSON."""
    from .memory import status

    condition = np.load(path.with_name("condition.npy"))
    call = (ours if which == "jaxprune" else torchs)(("V1",), batch)
    start = time.perf_counter()
    call(path, condition)
    seconds = time.perf_counter() - start
    mapped = status("RssFile")
    print(json.dumps({"seconds": seconds, "peak": status("VmHWM"), "file": mapped}))


def markdown(result: dict[str, Any]) -> str:
    """Tables of a result."""
    machine = result["machine"]
    lines = [
        "# Benchmark of the extraction",
        "",
        f"{machine['cpu']}, {machine['cores']} cores; device {machine['device']}; jax "
        f"{machine['versions']['jax']}, torch {machine['versions']['torch']}. "
        f"{machine['when']}. `python -m benchmarks.extraction`.",
        "",
        f"CORnet-Z at 224 pixels, condition means; median of {ROUNDS} rounds of "
        f"{SAMPLE} images, in brackets the fastest and the slowest. *First* is a call "
        "with 64 images, compilation included. *Difference* is the largest one to "
        "PyTorch, relative to the largest mean.",
        "",
        "PyTorch is faster where its tensors are channels last: oneDNN then convolves "
        "in about half the time that XLA takes on a CPU. The convolutions are nearly "
        "all of the time of both.",
    ]
    for part in result["tasks"]:
        rows = part["methods"]
        rival = min(
            r["ms_per_image"][ROUNDS // 2] for k, r in rows.items() if k[0] == "P"
        )
        lines += ["", f"## {part['task'][0].upper()}{part['task'][1:]}", ""]
        lines += ["| | ms per image | / fastest PyTorch | first | difference |"]
        lines += ["| --- | ---: | ---: | ---: | ---: |"]
        for name, row in rows.items():
            low, middle, high = row["ms_per_image"]
            cells = [
                name,
                f"{middle:.2f} ({low:.2f} - {high:.2f})",
                f"{middle / rival:.2f}",
                f"{row['first']:.1f} s",
                f"{row['difference']:.0e}",
            ]
            lines.append("| " + " | ".join(cells) + " |")
    lines += ["", f"## V1, {result['n_images']:,} images, a process each", ""]
    lines += ["| | seconds | peak memory | of it mapped files |"]
    lines += ["| --- | ---: | ---: | ---: |"]
    for name, row in result["whole"].items():
        sizes = [f"{row[key] / 2**20:,.0f} MiB" for key in ("peak", "file")]
        lines.append(f"| {name} | {row['seconds']:.1f} | {' | '.join(sizes)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run, and write ``EXTRACTION.md``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=3200)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        which, batch, path = options.child
        child(which, int(batch), Path(path))
        return
    with tempfile.TemporaryDirectory() as folder:
        path, condition = images_of(Path(folder), options.images)
        result: dict[str, Any] = {
            "machine": describe(),
            "load": os.getloadavg(),
            "n_images": len(condition),
            "tasks": [compare(path, condition, task) for task in TASKS],
            "whole": {},
        }
        for which in ("jaxprune", "PyTorch"):
            say(f"  all {len(condition):,} images: {which}")
            result["whole"][which] = whole(path, condition, which, BATCHES[0])
    text = markdown(result)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "EXTRACTION.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
