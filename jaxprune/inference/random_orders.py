"""Whether an order of units fits a target better than random orders do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import checks
from ..base.arrays import double_precision
from ..base.facts import described, spread
from ..engine.curves import scores_of_orders
from ..engine.problem import make_problem, pooled
from ..plots.inline import draw_band
from ..plots.record import Record
from ..results import Settings
from .grid import grid
from .null import reached, round_off

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class RandomOrders(Record):
    """Curves of units in random order, to compare another order with.

    With several targets (and ``pool="each"``) curves are ``(k, m, S)``; so is
    everything else that has a value for each target, those first.

    Attributes
    ----------
    curves : ndarray (m, S)
        ``curves[i, j]`` is the score of the first ``sizes[j]`` units of order i; NaN
        where undefined.
    sizes : ndarray of int (S,)
        Numbers of units.
    seed : int
        Where the orders come from.
    dtype : str
        Precision.
    settings : Settings
        The options that change the numbers.
    """

    curves: np.ndarray
    sizes: np.ndarray
    seed: int
    dtype: str
    settings: Settings

    def _headline(self) -> str:
        return f"curves of {self._m:,} random orders of units"

    def _facts(self) -> Sequence[tuple[str, str]]:
        highest = _maximum(self.curves)
        return [
            ("sizes", described(self.sizes)),
            ("best scores", spread(highest)),
            *self.settings.facts,
            ("path", f"{self.dtype}, seed {self.seed}"),
            ("next", ".p_value(curve), .pointwise(curve), .band(.95)"),
        ]

    def _draw(self, axes: Axes) -> None:
        low, high = (np.atleast_2d(limit)[0] for limit in self.band())
        draw_band(axes, self.sizes, low, high, "95 % of random orders")

    def p_value(self, curve: Any, *, standardized: bool = False) -> Any:
        r"""Chance that a random order has as high a maximum: one test of a whole curve.

        .. math:: p = \frac{b + 1}{m + 1}

        where b random orders have a maximum *over all sizes* that reaches the maximum
        of the curve. So it holds for the best of all sizes, whichever it is.

        Parameters
        ----------
        curve : array_like (S,) or (k, S)
            Scores of another order at the same sizes, with the same options.
        standardized : bool
            Compare, instead of scores, how far they lie above those of random orders:
            at each size minus their mean, over their standard deviation (the curve
            counted among them). Without it, sizes where all scores are high decide
            alone: where units are compared with their own layer, the largest.

        Returns
        -------
        float, or ndarray (k,)

        Raises
        ------
        ValueError
            A curve of other sizes, or without any score.

        Notes
        -----
        With all units, every order has the same score. A curve that is nowhere above
        it has p = 1, if that size is among `sizes`: it is no better than to keep
        everything. Standardised, the size does not count. Orders without any defined
        score count as reaching the curve's.
        """
        observed = self._same_sizes(curve)
        null, tolerance = self.curves, self._tolerance
        if standardized:
            together = np.concatenate([null, observed[..., None, :]], -2)
            together = _standardized(together, tolerance)
            null, observed = together[..., :-1, :], together[..., -1, :]
        highest = _maximum(observed)
        if np.isnan(highest).any():
            raise ValueError(
                "curve has no size with a defined score (that orders differ in, if "
                "standardized); expected one at least. Look at its NaN."
            )
        b = reached(highest, _maximum(null), tolerance)
        return _plain((b + 1) / (self._m + 1))

    def pointwise(self, curve: Any) -> np.ndarray:
        """Chance that a random order scores as high, at every size by itself.

        Not corrected for the number of sizes: see `p_value` for the whole curve.

        Parameters
        ----------
        curve : array_like (S,) or (k, S)
            Scores of another order at the same sizes, with the same options.

        Returns
        -------
        ndarray (S,) or (k, S)
            NaN where the curve has no score.

        Raises
        ------
        ValueError
            A curve of other sizes.
        """
        observed = self._same_sizes(curve)
        b = reached(observed, np.swapaxes(self.curves, -1, -2), self._tolerance)
        return np.where(np.isnan(observed), np.nan, (b + 1) / (self._m + 1))

    def band(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Where the curves of random orders lie, at every size.

        Parameters
        ----------
        level : float
            Share of the orders between the limits, between 0 and 1.

        Returns
        -------
        low, high : ndarray (S,) or (k, S)
            Quantiles over the orders with a score; NaN where none has one.

        Raises
        ------
        ValueError
            A level out of range.
        """
        if not 0 < level < 1:
            raise ValueError(f"level={level!r}: expected a share between 0 and 1.")
        some = np.any(~np.isnan(self.curves), -2)
        values = np.where(some[..., None, :], self.curves, 0)
        limits = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2], axis=-2)
        low, high = np.where(some, limits, np.nan)
        return low, high

    @property
    def _m(self) -> int:
        return self.curves.shape[-2]

    @property
    def _tolerance(self) -> float:
        return round_off(self.dtype)

    def _same_sizes(self, curve: Any) -> np.ndarray:
        observed = checks.array_of("curve", curve, float)
        expected = self.curves[..., 0, :].shape
        if observed.shape != expected:
            raise ValueError(
                f"curve has shape {observed.shape}; expected {expected}, a score for "
                "each of sizes. Pass the curve of jaxprune.reintroduce or keep_lowest "
                "with sizes=random.sizes."
            )
        return observed


def random_orders(
    features: Any,
    target: Any,
    n_orders: int = 1000,
    *,
    sizes: Any = None,
    seed: int = 0,
    metric: str = "correlation",
    compare: str = "pearson",
    batch_size: int | None = None,
    progress: bool = False,
    **options: Any,
) -> RandomOrders:
    """Score units in random orders: the null of any order of units.

    Parameters
    ----------
    features : array_like (n, N)
        Activations, one row per condition.
    target : array_like or RDMs
        As in :func:`jaxprune.prune`.
    n_orders : int
        m; no p is smaller than ``1 / (m + 1)``.
    sizes : int, array_like of int (S,) or "all", optional
        Increasing numbers of units, 1 to N, or how many of them, as in
        :func:`jaxprune.prune`. By default 512 from 2,000 units on, below that all.
    seed : int
        Order i depends on the seed and on i only: 2,000 orders begin with the first
        1,000.
    metric, compare, batch_size, progress, **options
        As in :func:`jaxprune.reintroduce`.

    Returns
    -------
    RandomOrders
        ``curves``, and ``p_value(curve)``, ``pointwise(curve)``, ``band(level)``.

    Raises
    ------
    ValueError
        Bad input.

    Notes
    -----
    For an order made without the target, such as `jaxprune.keep_lowest`'s. One made
    for the target, like that of `jaxprune.prune`, beats random orders even where
    there is nothing to find: `permutation_test` is for those.

    Examples
    --------
    >>> import numpy as np, jaxprune as jp
    >>> from jaxprune.inference import random_orders
    >>> rng = np.random.default_rng(0)
    >>> position = np.arange(8.0)
    >>> features = np.maximum(rng.normal(-3, 4, size=(8, 60)), 0)
    >>> features[:, :15] = 0.1 + np.abs(position[:, None] - rng.uniform(0, 7, 15))
    >>> target = np.abs(position[:, None] - position)
    >>> found = jp.keep_lowest(features, target, sizes=[15, 30, 45])
    >>> null = random_orders(features, target, 99, sizes=found.sizes)
    >>> null.curves.shape, null.p_value(found.curve)
    ((99, 3), 0.02)
    """
    m = checks.whole("n_orders", n_orders, 1)
    seed = checks.whole("seed", seed, 0)
    batch_size = checks.positive_or_none("batch_size", batch_size)
    problem = make_problem(features, target, metric=metric, compare=compare, **options)
    sizes = checks.sizes(grid(sizes, problem.n_ranked), problem.n_ranked)

    def order(i: int) -> np.ndarray:
        return np.random.default_rng([seed, i]).permutation(problem.n_ranked)

    curves = np.empty((len(problem.targets), m, len(sizes)))
    with double_precision():
        for sub in problem.subproblems:
            curves[sub.group.which] = scores_of_orders(
                sub,
                order,
                m,
                sizes,
                batch_size=batch_size,
                progress=progress,
                title="random orders",
            )
    return RandomOrders(
        curves=pooled(problem.stacked, problem.settings, curves),
        sizes=sizes,
        seed=seed,
        dtype=problem.device.dtype,
        settings=problem.settings,
    )


def _maximum(curves: np.ndarray) -> np.ndarray:
    """Over the sizes that have a score; NaN where none has one."""
    highest = np.where(np.isnan(curves), -np.inf, curves).max(-1)
    return np.where(np.isneginf(highest), np.nan, highest)


def _standardized(curves: np.ndarray, tolerance: float) -> np.ndarray:
    """``(..., m, S)`` in standard deviations; NaN at sizes where all are alike."""
    defined = ~np.isnan(curves)
    count = np.maximum(defined.sum(-2, keepdims=True), 1)
    values = np.where(defined, curves, 0)
    mean = values.sum(-2, keepdims=True) / count
    deviation = np.where(defined, curves - mean, 0)
    spread = np.sqrt((deviation**2).sum(-2, keepdims=True) / count)
    differs = defined & (spread > tolerance)
    return np.where(differs, deviation / np.where(differs, spread, 1), np.nan)


def _plain(values: np.ndarray) -> Any:
    """A float for a single value."""
    return values.item() if values.ndim == 0 else values
