"""`heatmap --by occlusion`: squares hide an image place by place."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ...heatmaps import HeatMap
    from ._heatmap_job import Job

FIRST, ALL = "retained units", "all units"
LABEL = "{score} lost where it is occluded"


def options_of(args: argparse.Namespace, shape: tuple[int, ...]) -> dict[str, Any]:
    """Options of :func:`jaxprune.heatmaps.occlusion_maps` that this way has."""
    from ...heatmaps import SIZES, STRIDE, check_sizes

    sizes = args.sizes or SIZES
    stride = STRIDE if args.stride is None else args.stride
    check_sizes(shape, sizes, stride)
    return {"sizes": sizes, "stride": stride}


def subsets(job: Job, units: np.ndarray) -> dict[str, np.ndarray | None]:
    """Units that a map is made of, by name."""
    del job
    return {FIRST: units, ALL: None}


def compute(
    job: Job, number: int, features: np.ndarray, progress: bool, title: str
) -> dict[str, Any]:
    """Map one image; its own responses stand for those of its condition."""
    from ...heatmaps import occlusion_maps

    condition = job.request.conditions.index[number]
    found = occlusion_maps(
        job.respond,
        job.request.steps.normalise(job.pixels(number)),
        np.delete(features, condition, 0),
        np.delete(job.target[condition], condition),
        job.subsets,
        **job.options,
        progress=progress,
        title=title,
    )
    first = found[FIRST]
    return {
        "baselines": [heatmap.baseline for heatmap in found.values()],
        "sizes": first.sizes,
        "stride": first.stride,
        "maps": np.stack([heatmap.maps for heatmap in found.values()]),
        "positions": first.positions,
    }


def maps_of(job: Job, kept: Mapping[str, Any]) -> dict[str, HeatMap]:
    """Maps by subset, from what was computed."""
    from ...heatmaps import HeatMap

    about = kept["positions"], tuple(kept["sizes"]), kept["stride"]
    rows = zip(job.subsets, kept["maps"], kept["baselines"], strict=True)
    return {name: HeatMap(maps, base, *about) for name, maps, base in rows}


def arrays(every: list[list[Any]]) -> dict[str, np.ndarray]:
    """What ``heatmaps.npz`` holds beside heat and baselines."""
    first = every[0][0]
    return {
        "maps": np.array([[heatmap.maps for heatmap in maps] for maps in every]),
        "sizes": np.array(first.sizes),
        "stride": np.array(first.stride),
    }
