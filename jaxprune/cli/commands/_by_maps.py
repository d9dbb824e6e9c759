"""`heatmap --by maps`: feature maps, weighted by what the fit loses without each."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import options

if TYPE_CHECKING:
    from ...heatmaps import WeightedMaps
    from ._heatmap_job import Job

FIRST, ALL = "retained maps", "all maps"
LABEL = "mean of maps, weighted by\n{score} lost without each"


def options_of(args: argparse.Namespace, shape: tuple[int, ...]) -> dict[str, Any]:
    """Options of :func:`jaxprune.heatmaps.weighted_maps` that this way has."""
    del shape
    if stray := options.given(args, ["sizes", "stride", "batch_size"]):
        raise ValueError(
            f"{stray[0]} was given with --by maps, where nothing is occluded; leave it "
            "out"
        )
    return {"scaled": args.scale_maps}


def subsets(job: Job, units: np.ndarray) -> dict[str, np.ndarray | None]:
    """Maps whose mean is shown, by name: those retained, where maps were pruned."""
    from ...io import groups_of

    if len(job.shape) != 3:
        raise ValueError(
            f"layers: the {job.shape[0]:,} units of {job.layer} are no maps; expected "
            "a layer with positions, such as a convolution, for --by maps"
        )
    channel, known = groups_of(job.shape), job.result.group_of
    if known is None or not np.array_equal(known, channel):
        return {ALL: None}
    return {FIRST: np.unique(channel[units]), ALL: None}


def compute(
    job: Job, number: int, features: np.ndarray, progress: bool, title: str
) -> dict[str, Any]:
    """Weigh the maps of one image, which stands for its condition."""
    from ...heatmaps import weighted_maps

    condition = job.request.conditions.index[number]
    pixels = job.pixels(number)
    (units,) = np.asarray(job.respond(job.request.steps.normalise(pixels)[None]))
    chosen = {k: v for k, v in job.options.items() if k in PASSED}
    found = weighted_maps(
        units,
        np.delete(job.read(features), condition, 0),
        np.delete(job.target[condition], condition),
        job.shape,
        (pixels.shape[0], pixels.shape[1]),
        readout=job.readout,
        **chosen,
        progress=progress,
        title=title,
    )
    return {
        "baseline": found.baseline,
        "weights": found.weights,
        "maps": found.maps,
        "size": found.size,
    }


PASSED = ("metric", "compare", "undefined", "scaled")


def maps_of(job: Job, kept: Mapping[str, Any]) -> dict[str, WeightedMaps]:
    """Maps by subset, from what was computed."""
    from ...heatmaps import WeightedMaps

    numbers = kept["maps"], kept["weights"], kept["baseline"]
    every = WeightedMaps(*numbers, tuple(kept["size"]))
    return {name: every.some(which) for name, which in job.subsets.items()}


def arrays(every: list[list[Any]]) -> dict[str, np.ndarray]:
    """What ``heatmaps.npz`` holds beside heat and baselines."""
    return {"weights": np.array([maps[-1].weights for maps in every])}
