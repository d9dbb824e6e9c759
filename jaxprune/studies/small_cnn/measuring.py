"""All numbers of one network and one variant of the stimuli."""

from __future__ import annotations

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
from .networks import LAYER

ALPHA = 0.01


def measure(
    net: Any, stimuli: StimulusSet
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Show one to ten dots to a network, and analyse its 108 units.

    Returns
    -------
    record : dict
        ``n_units``, ``n_constant``, ``n_selective`` (one-way analysis of variance,
        p < .01), ``df`` of number and of residuals, ``f_critical``; ``rsa_log`` and
        ``rsa_linear``, Spearman correlation of the RDM of all units (1 - r) with
        distances of number.
    arrays : dict of ndarray
        ``f`` and ``p`` of every unit, ``prefer`` (-1 for constant units), ``mask`` of
        selective ones; ``pairs``, the share of selective units that tell two numbers
        apart by Tukey's test, ``(10, 10)``; ``curves`` of selective units by preferred
        number; ``rdm`` of numbers.
    """
    import jaxprune_ports as jpp

    responses = jpp.activations(net, stimuli.images, [LAYER])[LAYER]
    cells = cell_moments(responses, {"numerosity": stimuli.levels("numerosity")})
    found, table = one_way(cells, alpha=ALPHA), anova_from_cells(cells)
    df = int(table.df[0]), table.residual_df
    rdm, levels = rdm_of(cells.mean), cells.levels("numerosity")
    record = {
        "n_units": cells.n_units,
        "n_constant": found.n_undefined,
        "n_selective": int(found.mask.sum()),
        "df": df,
        "f_critical": float(f_distribution.ppf(1 - ALPHA, *df)),
        **{
            f"rsa_{scale}": correlation(rdm, distance_rdm(levels, scale))
            for scale in ("log", "linear")
        },
    }
    arrays = {
        "f": found.f[0],
        "p": found.p[0],
        "prefer": preferred(cells),
        "mask": found.mask,
        "pairs": told_apart(tukey(cells, alpha=ALPHA), found.mask),
        "curves": tuning_curves(cells, found.mask).curves,
        "rdm": rdm,
    }
    return record, arrays


def told_apart(table: Any, units: np.ndarray) -> np.ndarray:
    """Share of some units that tell each pair of numbers apart, ``(k, k)``."""
    k = len(table.levels)
    shares = np.zeros((k, k))
    if units.any():
        first, second = table.pairs.T
        shares[first, second] = table.significant[:, units].mean(1)
    return shares + shares.T


def rdm_of(means: np.ndarray) -> np.ndarray:
    """1 - r between the patterns of any two numbers."""
    return 1 - np.corrcoef(means)


def correlation(rdm: np.ndarray, model: np.ndarray) -> float:
    """Spearman correlation of two square RDMs."""
    pairs = np.triu_indices(len(rdm), 1)
    found: Any = spearmanr(rdm[pairs], model[pairs])
    return float(found.statistic)
