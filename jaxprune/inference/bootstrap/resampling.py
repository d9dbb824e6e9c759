"""Scores of fixed RDMs over conditions drawn with replacement.

A condition drawn c times stands c times in the sample. A pair (i, j) of different
conditions then occurs c_i c_j times, and pairs of a condition with itself, which any
model predicts, are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...base.arrays import pair_index, squareform
from ...comparisons import Comparison
from ...comparisons._base import VANISHING
from ...engine.targets import target_groups
from ...execution.devices import device_of
from ...execution.run import run

# Bytes of the systems of equations (n, n) that are solved together.
SYSTEMS = 2**26


def resampled_scores(
    models: np.ndarray,
    targets: np.ndarray,
    counts: np.ndarray,
    comparison: Comparison,
    progress: bool = False,
) -> np.ndarray:
    """Scores of m models against k targets in B samples.

    Parameters
    ----------
    models : ndarray (m, P)
        NaN where a pair is missing: it is then left out for all models.
    targets : ndarray (k, P)
        NaN where a pair is missing, for each target on its own.
    counts : ndarray of int (B, n)
        How often each condition was drawn.
    comparison : Comparison
    progress : bool
        Show a bar for comparisons of ranks; the others take no time.

    Returns
    -------
    ndarray (B, m, k)
        NaN where a model or target is constant over the pairs drawn.
    """
    targets = np.where(np.isnan(models).any(0), np.nan, targets)
    scores = np.empty((len(counts), len(models), len(targets)))
    for group in target_groups(targets, counts.shape[1], comparison):
        present = ~np.isnan(targets[group.which[0]])
        rdms = np.concatenate([models, targets[group.which]])
        rdms = np.where(present, rdms, 0)
        if comparison.ranks:
            found = _ranked(rdms, len(models), present, counts, comparison, progress)
        else:
            found = _weighted(rdms, len(models), present, counts, comparison)
        scores[:, :, group.which] = found
    return scores


def _weighted(
    rdms: np.ndarray,
    m: int,
    present: np.ndarray,
    counts: np.ndarray,
    comparison: Comparison,
) -> np.ndarray:
    """Product over the roots of second moments, with weights c_i c_j, all at once.

    ``Σ_{i<j} c_i c_j x_ij = c' X c / 2``: a matrix product for each X, and no array of
    samples times pairs.
    """
    c = counts.astype(float)

    def sums(values: np.ndarray) -> np.ndarray:
        """Over the pairs of each condition: ``(B, n)``."""
        return c @ squareform(values)

    def total(values: np.ndarray) -> np.ndarray:
        """Over all pairs: ``(B,)``."""
        return np.sum(sums(values) * c, axis=1) / 2

    # Of size 1, and near 0 where the mean does not matter: sums lose no digits.
    offset = np.zeros((len(rdms), 1))
    if comparison.centred:
        offset = rdms.sum(1, keepdims=True) / present.sum()
    values = np.where(present, rdms - offset, 0)
    size = np.sqrt(np.mean(values * values, 1, keepdims=True))
    size[size == 0] = 1
    values, offset = values / size, (offset / size)[:, 0]

    weight = total(present.astype(float))[:, None]
    first = np.stack([total(row) for row in values], 1)
    second = np.stack([total(row * row) for row in values], 1)
    products = np.stack([[total(x * t) for t in values[m:]] for x in values[:m]])
    products = products.transpose(2, 0, 1)
    around_zero = second + 2 * offset * first + offset**2 * weight
    # As in `comparisons.vanishes`; and below either sum there is round-off alone.
    least = VANISHING * np.maximum(around_zero, second)
    mean = first / weight if comparison.centred else np.zeros_like(first)
    second = second - weight * mean**2
    products = products - (weight * mean)[:, :m, None] * mean[:, None, m:]
    constant = second <= least
    if comparison.whitened:
        each = np.stack([sums(row) for row in values], 2)
        kept = squareform(present.astype(float))
        each -= (c @ kept)[:, :, None] * mean[:, None]
        effects = _effects(each, kept, c) * c[:, :, None]
        second = second - np.einsum("bnr,bnr->br", effects, each)
        products -= effects[:, :, :m].transpose(0, 2, 1) @ each[:, :, m:]
    second[constant] = np.nan
    return products / np.sqrt(second[:, :m, None] * second[:, None, m:])


def _effects(each: np.ndarray, kept: np.ndarray, c: np.ndarray) -> np.ndarray:
    """What whitening takes out of the pairs of a condition, ``(B, n, r)``.

    The a of `CosineCov`, ``(2 I + B'B) a = B'd``, in a sample where condition j stands
    c_j times: its copies have the same a_j, so that
    ``(2 + Σ_j c_j) a_i + Σ_j c_j a_j = Σ_j c_j d_ij`` over the pairs (i, j) kept.
    """
    n = len(kept)
    chunk = max(1, SYSTEMS // (8 * n * n))
    effects = np.empty_like(each)
    for start in range(0, len(c), chunk):
        part = slice(start, start + chunk)
        systems = kept * c[part, None]
        systems[:, range(n), range(n)] += 2 + c[part] @ kept
        effects[part] = np.linalg.solve(systems, each[part])
    return effects


def _ranked(
    rdms: np.ndarray,
    m: int,
    present: np.ndarray,
    counts: np.ndarray,
    comparison: Comparison,
    progress: bool,
) -> np.ndarray:
    """Ranks of the pairs of each sample, every pair as often as it occurs."""
    i, j = pair_index(counts.shape[1])
    pairs = np.flatnonzero(present)
    scores = np.empty((len(counts), m, len(rdms) - m))

    def task(sample: int) -> Iterator[int]:
        c = counts[sample]
        drawn = rdms[:, np.repeat(pairs, c[i[pairs]] * c[j[pairs]])]
        # The ranks of a constant target have no length.
        with np.errstate(divide="ignore", invalid="ignore"):
            prepared = np.stack([comparison.prepare(target) for target in drawn[m:]])
            scores[sample] = comparison.score_rows(prepared, drawn[:m]).T
        yield 1

    run(
        task,
        range(len(counts)),
        workers=device_of(rdms, "auto").workers,
        progress=progress,
        title="bootstrap",
        total=len(counts),
        unit="samples",
    )
    return scores
