"""Our numbers beside the published ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...report import Compared
from . import published
from .results import Predicted, RarelyFiring, spread
from .tracking import KEPT, RANDOM

R2, MAX_POZ = "r2", "max_poz"
DECIMALS = 12
PUBLISHED_CURVES = {R2: published.R2, MAX_POZ: published.MAX_POZ}


@dataclass(frozen=True)
class Level:
    """Experiment 1 at one level of pruning.

    Attributes
    ----------
    kept : int
        Per cent of units.
    compared : Compared
        Mean of our networks, and the published one.
    sd : float or None
        Over networks; None of one.
    random : float or None
        Mean of random orders; None where they have no such value.
    """

    kept: int
    compared: Compared
    sd: float | None
    random: float | None


def levels(study: RarelyFiring, which: str) -> list[Level]:
    """Every level of pruning, of ``"r2"`` or ``"max_poz"``."""
    # All units fit themselves perfectly, but for round-off.
    curves = study.curves(which).round(DECIMALS)
    mean, sd = curves.mean(0), spread(curves)
    random = study.curves(which, RANDOM).mean(0)
    return [
        Level(
            kept,
            Compared(f"{kept} % kept", float(mean[i]), PUBLISHED_CURVES[which][i]),
            None if len(curves) == 1 else float(sd[i]),
            None if np.isnan(random[i]) else float(random[i]),
        )
        for i, kept in enumerate(KEPT)
    ]


def of_set(one: Predicted) -> list[Compared]:
    """Experiment 2, a set with the name of a published category; else empty."""
    known = published.CATEGORIES.get(one.name)
    if known is None:
        return []
    at = zip(published.LEVELS, one.at_levels, known.at, strict=True)
    rows = [
        Compared("all units", one.record["full"], known.full),
        *(Compared(f"{level} % kept", float(fit), was) for level, fit, was in at),
    ]
    if known.best is not None:
        rows.append(
            Compared(
                f"best part (published: {known.best_level} %)",
                *(one.record["best"], known.best),
            )
        )
    for percent, share in ((80, known.below_80), (90, known.below_90)):
        if share is not None:
            name = f"% of units with at most {percent} % zeros"
            rows.append(Compared(name, one.below(percent), share))
    return rows
