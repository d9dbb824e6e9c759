"""Responses of networks: moments of all units, and single images of a few."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...numerosity import CellMoments
from ...stimuli import StimulusSet
from .networks import preprocessing_of

# Images whose responses of all units are held at a time: 45 MB of AlexNet's relu5.
CHUNK = 256


def moments(
    net: Any, layer: str, stimuli: StimulusSet, *, progress: bool = False
) -> CellMoments:
    """Moments of all units of a layer, summed while the images stream by."""
    import jaxprune_ports as jpp

    found = jpp.extract(
        net,
        stimuli.images,
        stimuli.condition,
        [layer],
        preprocessing=preprocessing_of(net),
        moments=True,
        progress=progress,
    )
    assert found.m2 is not None
    return CellMoments(
        found.count, found.features[layer], found.m2[layer], stimuli.factors
    )


def responses(
    net: Any,
    images: np.ndarray,
    wanted: Mapping[str, np.ndarray | slice],
    *,
    progress: bool = False,
) -> dict[str, np.ndarray]:
    """Responses ``(n, units)`` of some units of each layer to single images.

    Other units are dropped while the images stream by: all 43,264 of AlexNet take
    415 MB for 2,400 images.
    """
    import jaxprune_ports as jpp

    parts: dict[str, list[np.ndarray]] = {layer: [] for layer in wanted}
    for start in range(0, len(images), CHUNK):
        found = jpp.activations(
            net,
            images[start : start + CHUNK],
            list(wanted),
            preprocessing=preprocessing_of(net),
            progress=progress,
        )
        for layer, units in wanted.items():
            parts[layer].append(found[layer][:, units])
    return {layer: np.concatenate(part) for layer, part in parts.items()}
