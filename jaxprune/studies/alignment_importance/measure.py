"""What is measured of one set: importance of the maps, random orders, held-out images.

Float32 throughout, as published: the curve of one order of 512 maps of VGG-16 takes 2
Tflop.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ... import leave_one_out, reintroduce, score
from ...base import checks
from ...base.means import mean_of_defined
from ...engine.importances import ranking
from ...inference import cross_validate, random_orders
from ...inference.cross_validation import PROTOCOLS, published_test
from .images import Stimuli

# Sizes of random orders, each of which costs a curve.
N_SIZES = 32
SEED = 0


def extracted(
    net: Any, stimuli: Stimuli, layer: str, *, progress: bool = False
) -> np.ndarray:
    """Maps of the layer ``(n, C * h * w)``, images in the order of the target."""
    import jaxprune_ports as jpp

    found = jpp.extract(
        net, stimuli.images, stimuli.conditions, [layer], progress=progress
    )
    return found.features[layer].astype(np.float32)[stimuli.order]


def prune_maps(
    features: np.ndarray,
    stimuli: Stimuli,
    options: dict[str, Any],
    n_sizes: int,
    n_orders: int,
    *,
    progress: bool = False,
) -> dict[str, Any]:
    """Importance, curve and random orders, of all images together.

    Returns
    -------
    dict
        ``full``, ``best`` and ``best_size``; ``r``, of all maps and not squared;
        ``importance`` of each map and their
        ``order``; ``sizes`` and ``curve``; ``null_sizes``, ``null_mean``, and between
        ``null_low`` and ``null_high`` 95 % of random orders; ``p_random``; ``seconds``
        that all removals took.
    """
    given = {**_common(stimuli), **options, "progress": progress}
    target, start = stimuli.target, time.perf_counter()
    left_out = leave_one_out(features, target, **given)
    seconds = time.perf_counter() - start
    order = ranking(left_out.importance)
    sizes = checks.sizes(n_sizes or "all", len(order))
    put_back = reintroduce(features, target, order, sizes=sizes, **given)
    few = sizes if n_sizes else checks.sizes(N_SIZES, len(order))
    null = random_orders(features, target, n_orders, sizes=few, seed=SEED, **given)
    low, high = null.band()
    return {
        "full": left_out.full_score,
        "r": score(features, target, **{**given, "groups": None, "objective": "r"}),
        "best": put_back.best_score,
        "best_size": put_back.best_size,
        "importance": left_out.importance,
        "order": order,
        "sizes": sizes,
        "curve": put_back.curve,
        "null_sizes": few,
        "null_mean": mean_of_defined(null.curves, 0),
        "null_low": low,
        "null_high": high,
        "p_random": null.p_value(put_back.curve[np.searchsorted(sizes, few)]),
        "seconds": seconds,
    }


def held_out(
    features: np.ndarray,
    stimuli: Stimuli,
    options: dict[str, Any],
    n_sizes: int,
    seeds: tuple[int, ...],
    folder: Path | None,
    *,
    progress: bool = False,
) -> dict[str, Any]:
    """Maps chosen on four fifths of the images, and scored on the others.

    Returns
    -------
    dict
        Of each fold ``full_scores``, ``pruned_scores``, ``n_maps`` retained and
        ``repeat``; ``retained``, the share of folds that retain a map; ``published``
        and ``corrected`` tests of the gain.
    """
    chosen = {
        **_common(stimuli),
        **options,
        "sizes": n_sizes or "all",
        "checkpoint": folder,
        "progress": progress,
    }
    n_folds = PROTOCOLS["tarigopula2023"]["n_folds"]
    with warnings.catch_warnings():
        # The sign of the fit, which squares hide, is reported of all images.
        warnings.filterwarnings("ignore", "The best prefix is anti-correlated")
        folds = cross_validate(features, stimuli.target, n_folds, seed=seeds, **chosen)
    channel = options["groups"]
    kept = np.array(
        [np.isin(np.arange(channel.max() + 1), channel[u]) for u in folds.retained]
    )
    return {
        "full_scores": folds.full,
        "pruned_scores": folds.pruned,
        "n_maps": kept.sum(1),
        "repeat": folds.repeats,
        "retained": kept.mean(0),
        "published": asdict(published_test(folds)),
        "corrected": asdict(folds.estimate("gain")),
    }


def _common(stimuli: Stimuli) -> dict[str, Any]:
    """The score: R² of correlations between images at the read-out."""
    protocol = PROTOCOLS["tarigopula2023"]
    names = "metric", "compare", "objective"
    return {
        **{name: protocol[name] for name in names},
        "target_kind": stimuli.kind,
        "precision": "float32",
    }
