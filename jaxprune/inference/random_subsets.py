"""Scores of random units, as many as a pruning retained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import checks
from ..base.facts import LISTED, count, described, p_text, spread
from ..base.means import mean_of_defined
from ..engine.problem import scoring_options
from ..engine.unit_groups import groups_or_units
from ..execution.devices import device_of
from ..io.objects import count_units
from ..plots.inline import draw_null
from ..plots.record import Record
from ..scoring import score_masks
from .null import reached, round_off

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class RandomSubsets(Record):
    """Scores of m random subsets of equal size.

    With several targets (and ``pool="each"``) everything is ``(k,)``, and `null`
    ``(k, m)``.

    Attributes
    ----------
    size, n_subsets, seed : int
        Units in each subset (or groups of them), m, and where the subsets come from.
    null : ndarray (m,)
        Their scores; NaN where undefined.
    n_undefined : int
        How many are.
    mean, sd : float
        Of the defined scores.
    observed : float or None
        As given.
    p_value : float or None
        Share of scores, the observed one among them, that are at least the observed.
    """

    size: int
    n_subsets: int
    seed: int
    null: np.ndarray
    n_undefined: Any
    mean: Any
    sd: Any
    observed: Any
    p_value: Any

    def _headline(self) -> str:
        return f"scores of {self.n_subsets:,} random sets of {count(self.size, 'unit')}"

    def _facts(self) -> Sequence[tuple[str, str]]:
        undefined = int(np.sum(self.n_undefined))
        facts = [
            ("random sets", f"mean {spread(self.mean)}, SD {described(self.sd)}"),
            ("95 %", described(np.ravel(self.quantiles((0.025, 0.975))))),
        ]
        if undefined:
            facts.append(("undefined", f"{undefined:,} without a score"))
        if self.observed is not None:
            values = [f"p {p_text(one)}" for one in np.atleast_1d(self.p_value)]
            text = f"{spread(self.observed)}, {', '.join(values[:LISTED])}"
            facts.append(("observed", text))
        facts.append(("seed", f"{self.seed}"))
        return [*facts, ("next", "jaxprune.inference.permutation_test(...)")]

    def _draw(self, axes: Axes) -> None:
        observed = None
        if self.observed is not None:
            observed = float(np.atleast_1d(self.observed)[0])
        draw_null(axes, np.atleast_2d(self.null)[0], observed, "score", "random sets")

    def quantiles(self, q: Any = (0.025, 0.5, 0.975)) -> np.ndarray:
        """Quantiles of the defined scores, ``(len(q),)`` or ``(k, len(q))``."""
        return np.moveaxis(np.nanquantile(self.null, np.asarray(q), axis=-1), 0, -1)


def random_subsets(
    features: Any,
    target: Any,
    size: int,
    n_subsets: int = 1000,
    *,
    seed: int = 0,
    observed: Any = None,
    **options: Any,
) -> RandomSubsets:
    r"""Score random subsets of units, all of the same size.

    Fewer units fit a target differently, whichever they are. This null says what a
    subset of `size` units scores by chance, and with `observed`

    .. math:: p = \frac{b + 1}{d + 1}

    where b of the d subsets that have a score reach it. The observed units were
    selected for the target and these were not, so a small p says that the selection
    found something *in these data*; whether it is more than it would find for any
    target is what :func:`permutation_test` asks.

    Parameters
    ----------
    features, target : array_like
        As in :func:`jaxprune.score_masks`.
    size : int
        Units in a subset, 1 to N, or with ``groups=`` groups of them: the
        ``best_size`` of a pruning, say.
    n_subsets : int
        m.
    seed : int
        Subset i depends on the seed and on i only.
    observed : float or array_like (k,), optional
        Score to compare with: the ``best_score`` of that pruning.
    **options
        ``metric``, ``compare``, ``objective``, ``groups``, ... as in
        :func:`jaxprune.prune`.

    Returns
    -------
    RandomSubsets

    Raises
    ------
    ValueError
        Bad input; no subset with a score.

    Examples
    --------
    >>> import numpy as np, jaxprune as jp
    >>> from jaxprune.inference import random_subsets
    >>> rng = np.random.default_rng(0)
    >>> features, points = rng.random((10, 40)), rng.random(10)
    >>> features[:, :5] += points[:, None] * rng.normal(size=5)
    >>> target = np.abs(points[:, None] - points)
    >>> pruned = jp.prune(features, target)
    >>> chance = random_subsets(
    ...     features, target, pruned.best_size, 200, observed=pruned.best_score
    ... )
    >>> chance.null.shape, bool(chance.mean < pruned.best_score)
    ((200,), True)
    >>> round(chance.p_value, 3)
    0.005
    """
    ranked = groups_or_units(options, count_units(features))
    size = checks.whole("size", size, 1)
    if size > ranked:
        of = "units of features" if options.get("groups") is None else "groups"
        raise ValueError(f"size={size}: expected 1 to {ranked}, the number of {of}.")
    m = checks.whole("n_subsets", n_subsets, 1)
    seed = checks.whole("seed", seed, 0)
    # Scores of masks know no way of ordering units.
    scoring = scoring_options(options)
    masks = np.zeros((m, ranked), bool)
    for index, mask in enumerate(masks):
        source = np.random.SeedSequence(seed, spawn_key=(index,))
        rng = np.random.default_rng(source)
        mask[rng.choice(ranked, size, replace=False, shuffle=False)] = True
    null = score_masks(features, target, masks, groups=options.get("groups"), **scoring)
    undefined = np.isnan(null)
    defined = m - undefined.sum(-1)
    if not np.all(defined):
        raise ValueError(
            f"none of {m} random subsets of size={size} has a score: in each, some "
            "condition is constant. Pass undefined='zero' to count undefined "
            "similarities and scores as 0, or a larger size."
        )
    p_value = None
    if observed is not None:
        observed = checks.array_of("observed", observed, float)
        if observed.shape != null.shape[:-1]:
            raise ValueError(
                f"observed has shape {observed.shape}; expected {null.shape[:-1]}, one "
                "score for each target."
            )
        dtype = device_of(features, options.get("precision", "auto")).dtype
        b = reached(observed, np.where(undefined, -np.inf, null), round_off(dtype))
        p_value = (b + 1) / (defined + 1)
    summary = {
        "n_undefined": undefined.sum(-1),
        "mean": mean_of_defined(null, -1),
        "sd": np.nanstd(null, -1),
        "observed": observed,
        "p_value": p_value,
    }
    if null.ndim == 1:
        summary = {k: None if v is None else v.item() for k, v in summary.items()}
    return RandomSubsets(size=size, n_subsets=m, seed=seed, null=null, **summary)
