"""What the parts share: one of several targets, words, places within axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base.arrays import squareform

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..records import PruningFields
from ...plots import count, number

RETAINED, OTHERS = "#D55E00", "#7F9DB5"
SMALL: dict[str, Any] = {"fontsize": "small"}
OF_EACH = (
    "full_score",
    "importance",
    "order",
    "curve",
    "best_size",
    "best_score",
    "retained",
    "pruned_rdm",
    "target_rdm",
)


@dataclass(frozen=True, eq=False)
class View:
    """What a part is drawn from.

    Attributes
    ----------
    result : Pruning
    target : int or None
        Of several targets: the one that is shown, by default the first. The part
        ``curve`` shows all by default.
    images : sequence of ndarray (n,), optional
        A picture of each condition: ``(h, w)`` or ``(h, w, 3)`` of uint8, or of
        Pillow; None where there is none.
    categories : sequence (n,), optional
        A label of each condition, which gives it its colour.
    """

    result: PruningFields
    target: int | None = None
    images: Sequence[Any] | None = None
    categories: Sequence[Any] | None = None

    def __post_init__(self) -> None:
        n = self.result.n_conditions
        for name in ("images", "categories"):
            given = getattr(self, name)
            if given is not None and len(given) != n:
                raise ValueError(
                    f"{name}: {len(given)} given; expected {n}, one for each condition "
                    "in the order of the result (`result.conditions`)."
                )
        k = len(np.atleast_2d(self.result.importance))
        if self.target is not None and not 0 <= self.target < k:
            raise ValueError(
                f"target={self.target!r}: the result has {count(k, 'ranking')}; "
                f"expected 0 to {k - 1}."
            )

    @property
    def several(self) -> bool:
        """Whether every target has a ranking of its own."""
        return self.result.importance.ndim > 1

    @property
    def one(self) -> PruningFields:
        """The result for the target that is shown; RDMs of pooled ones are averaged."""
        result = self.result
        if self.several:
            k = self.target or 0
            return replace(
                result, **{name: getattr(result, name)[k] for name in OF_EACH}
            )
        if result.target_rdm.ndim > 1:
            return replace(result, target_rdm=_mean(result.target_rdm))
        return result

    @property
    def named(self) -> str:
        """What target is shown, in words."""
        if self.several:
            return f"target {self.target or 0}"
        k = len(np.atleast_2d(self.result.target_rdm))
        return "target" if k == 1 else f"mean of {k} targets"

    @property
    def rdms(self) -> dict[str, np.ndarray]:
        """RDMs ``(P,)`` by what they are of, with the scores of the latter two."""
        one = self.one
        return {
            self.named: one.target_rdm,
            f"all units: {number(_single(one.full_score))}": one.full_rdm,
            f"retained: {number(_single(one.best_score))}": one.pruned_rdm,
        }


def score_name(result: PruningFields) -> str:
    """How RDMs were compared, for an axis."""
    squared = "²" if result.settings.objective == "r2" else ""
    return f"{result.settings.compare}{squared}"


def percentiles(rdm: np.ndarray) -> np.ndarray:
    """Return average ranks scaled to 0..1; NaN stays NaN.

    >>> percentiles(np.array([0.5, np.nan, 0.1, 0.1, 0.9]))
    array([0.66..., nan, 0.16..., 0.16..., 1. ])
    """
    shares = np.full(len(rdm), np.nan)
    present = np.isfinite(rdm)
    _, group, counts = np.unique(rdm[present], return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts + 1) / 2
    shares[present] = ranks[group] / max(present.sum() - 1, 1)
    return shares


def as_square(rdm: np.ndarray) -> np.ndarray:
    """RDM ``(n, n)`` in percentiles of its own pairs."""
    return squareform(100 * percentiles(rdm))


def side_by_side(
    axes: Axes, n: int, gap: float = 0.04, right: float = 0.0
) -> list[Axes]:
    """Divide axes into n panels, with shares of the width left free between them."""
    axes.set_axis_off()
    width = (1 - right - gap * (n - 1)) / n
    return [axes.inset_axes((i * (width + gap), 0, width, 1)) for i in range(n)]


def titled(axes: Axes, text: str) -> None:
    """Write what a panel shows above its left end."""
    axes.set_title(text, loc="left", fontsize="medium")


def opened(axes: Axes) -> None:
    """Leave the frame open to the top and right."""
    axes.spines[["top", "right"]].set_visible(False)


def _single(score: Any) -> float:
    """A score that is one number also where a stack was pooled."""
    return float(np.atleast_1d(score)[0])


def _mean(rdms: np.ndarray) -> np.ndarray:
    """Mean over targets of what is not missing."""
    present = np.isfinite(rdms)
    seen = present.sum(0)
    total = np.where(present, rdms, 0).sum(0)
    return np.where(seen > 0, total / np.maximum(seen, 1), np.nan)
