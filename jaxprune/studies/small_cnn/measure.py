"""The network of 108 units, and all that is measured of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import f as f_distribution
from scipy.stats import spearmanr

from ...numerosity import (
    anova_from_cells,
    cell_moments,
    distance_rdm,
    one_way,
    preferred,
    tukey,
    tuning_curves,
)
from ...stimuli import StimulusSet

NETWORK, LAYER = "student108", "avgpool"
ALPHA = 0.01


def train(
    data: Mapping[str, np.ndarray],
    epochs: int,
    seed: int,
    folder: Path | None,
    progress: bool,
) -> tuple[Any, dict[str, Any]]:
    """Train the network as the tutorial does that the student followed.

    Returns
    -------
    net : Network
    record : dict
        ``train_accuracy`` of the last epoch and ``test_accuracy``, None without test
        images.
    """
    import jaxprune_ports as jpp
    from jaxprune_ports.training import CIFAR, accuracy, train

    recipe = replace(CIFAR, epochs=epochs)
    found = train(
        jpp.create(NETWORK, seed),
        data["x_train"],
        data["y_train"],
        recipe=recipe,
        out=folder,
        seed=seed,
        progress=progress,
    )
    test = None
    if "x_test" in data:
        test = accuracy(found.net, data["x_test"], data["y_test"], recipe)
    record = {"train_accuracy": found.history[-1].accuracy, "test_accuracy": test}
    return found.net, record


def measure(net: Any, stimuli: StimulusSet) -> dict[str, Any]:
    """Show one to ten dots to a network, and analyse its 108 units.

    Returns
    -------
    dict
        ``n_units``, ``n_constant``, ``n_selective`` (one-way analysis of variance,
        p < .01), ``df`` of number and of residuals, ``f_critical``; ``rsa_log`` and
        ``rsa_linear``, Spearman correlation of the RDM of all units (1 - r) with
        distances of number; ``f`` and ``p`` of every unit, ``prefer`` (-1 for constant
        units), ``mask`` of selective ones; ``pairs``, the share of selective units
        that tell two numbers apart by Tukey's test, ``(10, 10)``; ``curves`` of
        selective units by preferred number; ``rdm`` of numbers.
    """
    import jaxprune_ports as jpp

    responses = jpp.activations(net, stimuli.images, [LAYER])[LAYER]
    cells = cell_moments(responses, {"numerosity": stimuli.levels("numerosity")})
    found, table = one_way(cells, alpha=ALPHA), anova_from_cells(cells)
    df = int(table.df[0]), table.residual_df
    # 1 - r between the patterns of any two numbers.
    rdm, levels = 1 - np.corrcoef(cells.mean), cells.levels("numerosity")
    return {
        "n_units": cells.n_units,
        "n_constant": found.n_undefined,
        "n_selective": int(found.mask.sum()),
        "df": df,
        "f_critical": float(f_distribution.ppf(1 - ALPHA, *df)),
        "rsa_log": correlation(rdm, distance_rdm(levels, "log")),
        "rsa_linear": correlation(rdm, distance_rdm(levels, "linear")),
        "f": found.f[0],
        "p": found.p[0],
        "prefer": preferred(cells),
        "mask": found.mask,
        "pairs": told_apart(tukey(cells, alpha=ALPHA), found.mask),
        "curves": tuning_curves(cells, found.mask).curves,
        "rdm": rdm,
    }


def told_apart(table: Any, units: np.ndarray) -> np.ndarray:
    """Share of some units that tell each pair of numbers apart, ``(k, k)``."""
    k = len(table.levels)
    shares = np.zeros((k, k))
    if units.any():
        first, second = table.pairs.T
        shares[first, second] = table.significant[:, units].mean(1)
    return shares + shares.T


def correlation(rdm: np.ndarray, model: np.ndarray) -> float:
    """Spearman correlation of two square RDMs."""
    pairs = np.triu_indices(len(rdm), 1)
    found: Any = spearmanr(rdm[pairs], model[pairs])
    return float(found.statistic)


def preferring(one: Any) -> np.ndarray:
    """Number of selective units that prefer 1, 2, ... 10."""
    return np.bincount(one["prefer"][one["mask"]], minlength=len(one["rdm"]))
