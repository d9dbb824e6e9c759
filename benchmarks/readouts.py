"""What a read-out costs: ``python -m benchmarks.readouts``.

VGG-16 with random classifier weights, 120 images, the 512 maps after the last pool, in
float32, read at fc7 after its ReLU (Truong, Pesenti & Hasson 2025). Removals subtract
from fc6, whose sum over the maps is the layer's; or the masked layer is read each time.
``--write`` puts the table in ``RESULTS.md``.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import jaxprune as jp
import jaxprune_ports as jpp

from .core import clock
from .machine import describe, line
from .machine import load as load_of_machine
from .report import listed, put, table, text

SHAPE, N_IMAGES = (512, 7, 7), 120
# Wanted of all removals on two cores, seconds.
WANTED = 20
# Sizes of a curve, and removals of the general form, of which all would take minutes.
N_SIZES, SAMPLE = 32, 16


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readouts")
    parser.add_argument("--write", action="store_true", help="also RESULTS.md")
    given, before = parser.parse_args(), listed(load_of_machine())
    rng = np.random.default_rng(0)
    x = np.maximum(rng.normal(size=(N_IMAGES, np.prod(SHAPE))) - 1, 0)
    x, target = x.astype(np.float32), rng.random(N_IMAGES * (N_IMAGES - 1) // 2)
    readout = jpp.from_layer(jpp.create("vgg16"), "features.30", to="classifier.5")
    options: dict[str, Any] = {
        "groups": jp.groups_of(SHAPE),
        "readout": readout,
        "objective": "r2",
        "precision": "float32",
    }
    some = ~np.eye(SHAPE[0], dtype=bool)[:SAMPLE]
    order = rng.permutation(SHAPE[0])
    calls = {
        "512 removals": partial(jp.leave_one_out, x, target, **options),
        f"{SAMPLE} removals, masked": partial(
            jp.score_masks, x, target, some, **options
        ),
        f"curve of {N_SIZES} sizes": partial(
            jp.reintroduce, x, target, order, sizes=N_SIZES, **options
        ),
    }
    rows, found = [], {}
    for name, call in calls.items():
        call()
        found[name], wall, work = clock(call)
        wanted = f"{WANTED} s" if name.startswith("512") else ""
        rows.append([name, text(wall), text(work), wanted])
    subtracted, masked, _ = found.values()
    difference = np.abs(subtracted.scores[:SAMPLE] - masked).max()
    lines = [
        "## Read-outs",
        "",
        f"`python -m benchmarks.readouts --write`. {line(describe())} Load {before}. "
        f"{N_IMAGES} images, {SHAPE[0]} maps of 7 x 7, read at fc7 of VGG-16 (random "
        "weights), R², float32.",
        "",
        *table(["", "clock", "processor time / cores", "wanted"], rows),
        "",
        f"R² without a map is the same both ways to {difference:.1e}.",
    ]
    report = "\n".join(lines)
    print(report)
    if given.write:
        put(Path(__file__).with_name("RESULTS.md"), "read-outs", report)


if __name__ == "__main__":
    main()
