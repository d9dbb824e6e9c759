"""Means over seeds beside the published numbers."""

from __future__ import annotations

from dataclasses import dataclass

from ...report import Compared
from . import published
from .cases import UNTRAINED
from .running import NumberDetectors
from .table import CORRECT, PUBLISHED_RULE, REVERSED, mean, values

# Of the score of all units. The paper's weights and stimuli are others than ours; this
# is how close an untrained CORnet-Z should come.
TOLERANCES = {("cornet_z", UNTRAINED): 0.08}
SCORES = (
    ("all units", "full", published.FULL),
    ("retained units", "pruned", published.PRUNED),
    ("ANOVA units, as published", "anova", published.ANOVA),
)


@dataclass(frozen=True)
class Comparison:
    """One number of ours, and the published one.

    Attributes
    ----------
    network, version, layer, quantity : str
    compared : Compared
    is_overlap : bool
        Whether it is an overlap coefficient; if not, a score.
    """

    network: str
    version: str
    layer: str
    quantity: str
    compared: Compared
    is_overlap: bool


def comparisons(found: NumberDetectors) -> list[Comparison]:
    """Every number that has a published counterpart, by network and layer."""
    return [
        comparison
        for network, version in found.versions
        if (network, version) in published.SCORES
        for layer in found.options.layers
        for comparison in _layer(found, network, version, layer)
    ]


def _layer(
    found: NumberDetectors, network: str, version: str, layer: str
) -> list[Comparison]:
    place = {"network": network, "version": version, "layer": layer}

    def ours(column: str, ranking: str = CORRECT) -> float:
        wanted = {"rule": PUBLISHED_RULE, "ranking": ranking}
        return mean(values(found.rows, column, **wanted, **place))

    def compared(
        quantity: str,
        value: float,
        printed: str | None,
        tolerance: float | None = None,
        is_overlap: bool = False,
    ) -> Comparison:
        pair = Compared(f"{layer}, {quantity}", value, printed, tolerance)
        return Comparison(
            **place, quantity=quantity, compared=pair, is_overlap=is_overlap
        )

    close = TOLERANCES.get((network, version))
    scores = [
        compared(
            quantity,
            ours(column),
            published.score(**place, which=which),
            close if which == published.FULL else None,
        )
        for quantity, column, which in SCORES
    ]
    overlaps = [
        compared(
            f"overlap, {ranking} ranking",
            ours("overlap", ranking),
            published.overlap(**place),
            is_overlap=True,
        )
        for ranking in (CORRECT, REVERSED)
    ]
    return scores + overlaps
