"""Curves of several results in one picture: layers, groups, subjects, folds, seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
from ...base import checks
from ...base.means import mean_of_defined
from ...plots import number
from .common import SMALL, opened, score_name, titled
from .conditions import palette
from .curve import on_sizes

BANDS = {
    "sd": "standard deviation",
    "se": "standard error",
    "range": "lowest and highest",
}


@dataclass(frozen=True, eq=False)
class Curves:
    """Curves of one name.

    Attributes
    ----------
    name : str
    sizes : ndarray (S,)
    rows : ndarray (m, S)
        A curve for each result and target.
    best : ndarray (m,)
        Best scores.
    """

    name: str
    sizes: np.ndarray
    rows: np.ndarray
    best: np.ndarray

    @classmethod
    def of(cls, name: str, given: Any) -> Curves:
        """Curves of a result, or of several of one layer.

        Raises
        ------
        ValueError
            If there is none, or they are of layers with other numbers of units.
        """
        results = list(given) if isinstance(given, Sequence) else [given]
        if not results:
            raise ValueError(f"results: {name!r} is empty; expected a result or more.")
        lengths = {one.order.shape[-1] for one in results}
        if len(lengths) > 1:
            raise ValueError(
                f"results: those of {name!r} have {sorted(lengths)} units or groups; "
                "expected one number, as of folds or seeds. Give layers other names."
            )
        sizes = max((one.sizes for one in results), key=len)
        rows = [
            curve
            if len(one.sizes) == len(sizes)
            else np.interp(sizes, one.sizes, curve)
            for one in results
            for curve in np.atleast_2d(one.curve)
        ]
        best = np.concatenate([np.atleast_1d(one.best_score) for one in results])
        return cls(name, sizes, np.array(rows), best)

    def ends(self, band: str) -> tuple[np.ndarray, np.ndarray]:
        """Where most of several curves lie."""
        if band == "range":
            return np.nanmin(self._shown, 0), np.nanmax(self._shown, 0)
        mean, known = mean_of_defined(self.rows, 0), (~np.isnan(self.rows)).sum(0)
        spread = np.sqrt(mean_of_defined((self.rows - mean) ** 2, 0))
        spread *= np.sqrt(known / np.maximum(known - 1, 1))
        if band == "se":
            spread /= np.sqrt(np.maximum(known, 1))
        return mean - spread, mean + spread

    @property
    def _shown(self) -> np.ndarray:
        """Rows without sizes where none has a score, which would warn."""
        empty = np.isnan(self.rows).all(0)
        return np.where(empty, np.inf, self.rows)


def draw_overlay(
    axes: Axes, results: Mapping[str, Any], *, share: bool = False, band: str = "sd"
) -> None:
    """Draw the curves of several results; see :func:`overlay`."""
    if not results:
        raise ValueError("results is empty; expected one or more by name.")
    checks.choice("band", band, list(BANDS))
    every = [Curves.of(name, given) for name, given in results.items()]
    banded = False
    for curves, colour in zip(every, palette(len(every)), strict=True):
        scale = 100 / curves.sizes[-1] if share else 1
        mean = mean_of_defined(curves.rows, 0)
        ends = f"{number(mean[-1])} to {number(float(np.mean(curves.best)))}"
        m = len(curves.rows)
        label = f"{curves.name}: {ends}" + (f" (n = {m})" if m > 1 else "")
        axes.plot(scale * curves.sizes, mean, color=colour, label=label)
        if m > 1:
            banded = True
            low, high = curves.ends(band)
            style: dict[str, Any] = {"color": colour, "alpha": 0.2, "lw": 0}
            axes.fill_between(scale * curves.sizes, low, high, **style)
        elif np.isfinite(mean).any():
            best = int(np.nanargmax(mean))
            style = {"color": colour, "mec": "white", "mew": 0.6}
            axes.plot(scale * curves.sizes[best], mean[best], "o", **style)
    if share:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_xlabel("units, % of the layer, most important first")
    else:
        on_sizes(axes, max(curves.sizes[-1] for curves in every))
        axes.set_xlabel("number of units, most important first")
    names = {score_name(one) for one in _results(results)}
    axes.set_ylabel(f"score ({', '.join(sorted(names))})")
    text = "score of all units to the best"
    titled(axes, f"{text}, mean and {BANDS[band]}" if banded else text)
    opened(axes)
    axes.legend(frameon=False, loc="best", **SMALL)


def _results(results: Mapping[str, Any]) -> Iterable[Any]:
    for given in results.values():
        yield from given if isinstance(given, Sequence) else [given]
