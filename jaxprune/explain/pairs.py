"""Which pairs of conditions the pruning repairs: the gain, taken apart exactly.

A comparison of RDMs is a sum over pairs of conditions, of a term of the target times a
term of the RDM. So the gain of the retained units over all units is a sum over pairs,
and each pair has its share of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.arrays import pair_index
from ..comparisons import ALIASES, COMPARISONS
from ..metrics import METRICS

if TYPE_CHECKING:
    from ..results import Pruning


@dataclass(frozen=True, eq=False)
class PairGains:
    """What pairs and conditions contribute to the gain.

    Attributes
    ----------
    pairs : ndarray (P,)
        They sum to ``best_score - full_score``; NaN where the target misses a pair.
    conditions : ndarray (n,)
        Half the sum over the pairs of each condition: they sum to the gain, too.
    """

    pairs: np.ndarray
    conditions: np.ndarray

    def most(self, k: int = 10) -> tuple[np.ndarray, np.ndarray]:
        """Pairs with the largest gains, and with the largest losses, of these signs."""
        order = np.argsort(-self.pairs, kind="stable")
        order = order[np.isfinite(self.pairs[order])]
        repaired = [pair for pair in order[:k] if self.pairs[pair] > 0]
        damaged = [pair for pair in order[::-1][:k] if self.pairs[pair] < 0]
        return np.array(repaired, int), np.array(damaged, int)


def pair_gains(result: Pruning, target: int = 0, *, controls: Any = None) -> PairGains:
    r"""Share of every pair of conditions in the gain.

    The gain is :math:`\Delta = s(d', t) - s(d, t)`, where d and d' are the RDMs of all
    and of the retained units. With :math:`s(d, t) = \sum_p \hat d_p \hat t_p`, the
    hats for what the comparison makes of the entries (centred and of unit length for
    Pearson, their ranks for Spearman),

    .. math:: \Delta = \sum_p (\hat d'_p - \hat d_p) \, \hat t_p .

    A square of the score, ``objective="r2"``, multiplies every term by s(d') + s(d).

    Parameters
    ----------
    result : Pruning
    target : int
        Which of several targets. Of pooled targets it is the mean over all.
    controls : array_like (K, P), optional
        The control RDMs, condensed, if the result is of some: the hats then stand for
        what these leave.

    Returns
    -------
    PairGains

    Raises
    ------
    ValueError
        If the score is none of RDMs (odd-one-out triplets), or the controls are not
        those of the result.

    Examples
    --------
    >>> import numpy as np, jaxprune as jp
    >>> from jaxprune.explain import pair_gains
    >>> rng = np.random.default_rng(0)
    >>> place = np.arange(8.0)
    >>> features = rng.random((8, 30)) + place[:, None] * (np.arange(30) < 3)
    >>> result = jp.prune(features, np.abs(place[:, None] - place))
    >>> gain = result.best_score - result.full_score
    >>> bool(abs(pair_gains(result).pairs.sum() - gain) < 1e-12)
    True
    """
    name = ALIASES.get(result.settings.compare, result.settings.compare)
    if name not in COMPARISONS:
        raise ValueError(
            f"result: its score is {name} of triplets, no sum over pairs of "
            "conditions; expected one of RDMs."
        )
    pooled = result.target_rdm.ndim > 1 and not isinstance(result.retained, list)
    targets = np.atleast_2d(result.target_rdm)
    targets = targets if pooled else targets[target : target + 1]
    pruned = np.atleast_2d(result.pruned_rdm)[0 if pooled else target]
    squared = result.settings.objective == "r2"
    n_controls = result.settings.controls or 0
    given = None if controls is None else np.asarray(controls, float)
    if (0 if given is None else len(given)) != n_controls:
        raise ValueError(
            f"controls: {0 if given is None else len(given)} given; the result has "
            f"{n_controls}. Expected the same RDMs."
        )
    comparison = COMPARISONS[name](
        METRICS[result.settings.metric]().scale,
        0 if result.settings.semi else n_controls,
    )
    i, j = pair_index(result.n_conditions)
    gains = np.zeros(targets.shape)
    for row, one in zip(gains, targets, strict=True):
        kept = ~np.isnan(one)
        after, before = (
            comparison.terms(
                one[kept],
                rdm[kept],
                (i[kept], j[kept]),
                None if given is None else given[:, kept],
            )
            for rdm in (pruned, result.full_rdm)
        )
        row[kept] = after - before
        if squared:
            row *= after.sum() + before.sum()
    pairs = gains.mean(0)
    halves = np.bincount(np.r_[i, j], np.r_[pairs, pairs] / 2, result.n_conditions)
    pairs[np.isnan(targets).all(0)] = np.nan
    return PairGains(pairs, halves)
