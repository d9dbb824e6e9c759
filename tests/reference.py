"""Slow, obvious NumPy answers that every fast path is compared with.

Imports neither jax nor jaxprune. Every mask is scored by deleting columns and building
the RDM again. What "undefined" means is decided here, once:

* correlation: a row whose values are all equal (tested by equality, not by variance)
  has no correlation; cosine: an all-zero row has no cosine. Such pairs are NaN, or
  dissimilarity 1 (similarity 0) under ``undefined="zero"``.
* a fit with an undefined pair among the kept ones is NaN.
* pearson, spearman and tau-b of a constant RDM are NaN, as is the cosine of a zero RDM;
  tau-a and rho-a of a constant RDM are 0 by definition. ``undefined="zero"`` turns NaN
  fits into 0. "Constant" (pearson) and "zero" (cosine) allow for round-off:
  V <= 1e-12 * S2.
* correlation and cosine dissimilarities are ``1 - r``: their round-off is of order eps
  of 1 even where all of them are tiny, so 1 is the smallest ``scale`` for both rules.
"""

from functools import cache
from math import factorial
from types import SimpleNamespace

import numpy as np

EPS = np.finfo(np.float64).eps
ALIASES = {"corr": "pearson", "kendall": "tau-b"}
BOUNDED = ("correlation", "squared_correlation", "cosine")


# --- RDMs ---------------------------------------------------------------------------


def condensed(square):
    """Upper triangle of a square matrix, row by row."""
    rows, columns = np.triu_indices(len(square), 1)
    return np.asarray(square, np.float64)[rows, columns]


def square(vector):
    """Symmetric matrix with a zero diagonal."""
    n = round((1 + np.sqrt(1 + 8 * len(vector))) / 2)
    matrix = np.zeros((n, n))
    matrix[np.triu_indices(n, 1)] = vector
    return matrix + matrix.T


def _squared_distances(x):
    return np.concatenate(
        [((x[i] - x[i + 1 :]) ** 2).sum(axis=1) for i in range(len(x))]
    )


def _one_minus_product(x, undefined_rows, undefined):
    # For unit vectors 1 - u.v = |u - v|^2 / 2, without cancellation when u.v is near 1.
    lengths = np.sqrt((x**2).sum(axis=1))
    lengths[undefined_rows] = 1.0
    out = _squared_distances(x / lengths[:, None]) / 2
    i, j = np.triu_indices(len(x), 1)
    out[undefined_rows[i] | undefined_rows[j]] = 1.0 if undefined == "zero" else np.nan
    return out


def subset_precision(noise, mask):
    """Precision of some units: what is inverted is their part of the covariance."""
    if noise is None or np.ndim(noise) == 1:
        return noise if noise is None else np.asarray(noise)[mask]
    return np.linalg.inv(np.linalg.inv(noise)[np.ix_(mask, mask)])


def _in_noise(one, other, noise):
    """``one_p' P other_p`` of every row p."""
    if noise is None:
        return (one * other).sum(axis=1)
    precision = np.diag(noise) if np.ndim(noise) == 1 else noise
    return np.array([a @ precision @ b for a, b in zip(one, other, strict=True)])


def _crossnobis(folds, noise):
    i, j = np.triu_indices(folds.shape[1], 1)
    differences = folds[:, i] - folds[:, j]
    products = [
        _in_noise(a, b, noise)
        for f, a in enumerate(differences)
        for g, b in enumerate(differences)
        if f != g
    ]
    return np.mean(products, axis=0)


def _poisson(x):
    rates = (x + 1 * 0.1) / (1 + 0.1)
    i, j = np.triu_indices(len(x), 1)
    return ((rates[i] - rates[j]) * (np.log(rates[i]) - np.log(rates[j]))).sum(axis=1)


def rdm(x, metric="correlation", undefined="nan", noise=None):
    """Dissimilarity of every pair of rows."""
    x = np.asarray(x, np.float64)
    if metric == "squared_correlation":
        return 1 - (1 - rdm(x, "correlation", undefined)) ** 2
    if metric == "mahalanobis":
        i, j = np.triu_indices(len(x), 1)
        return _in_noise(x[i] - x[j], x[i] - x[j], noise)
    if metric == "crossnobis":
        return _crossnobis(x, noise)
    if metric == "poisson":
        return _poisson(x)
    if metric == "correlation":
        constant = (x == x[:, :1]).all(axis=1)
        mean = x.sum(axis=1, keepdims=True) / max(x.shape[1], 1)
        centred = x - mean
        centred[constant] = 0.0
        return _one_minus_product(centred, constant, undefined)
    if metric == "cosine":
        return _one_minus_product(x, (x == 0).all(axis=1), undefined)
    if metric == "sqeuclidean":
        return _squared_distances(x)
    if metric == "euclidean":
        return np.sqrt(_squared_distances(x))
    raise KeyError(metric)


# --- comparisons --------------------------------------------------------------------


def ranks(values, scale=0.0):
    """Average ranks from 1; sorted neighbours within 64 eps of the scale are tied."""
    order = np.argsort(values, kind="stable")
    tolerance = 64 * EPS * max(scale, np.abs(values).max())
    new_group = np.diff(values[order]) > tolerance
    group = np.concatenate([[0], np.cumsum(new_group)])
    positions = np.arange(1.0, len(values) + 1)
    out = np.empty(len(values))
    for g in range(group[-1] + 1):
        out[order[group == g]] = positions[group == g].mean()
    return out


def _pearson(d, t, scale=0.0):
    dc, tc = d - d.mean(), t - t.mean()
    floor = max(1e-12 * (d**2).sum(), len(d) * (64 * EPS * scale) ** 2)
    if (dc**2).sum() <= floor or (t == t[0]).all():
        return np.nan
    return (dc @ tc) / np.sqrt((dc @ dc) * (tc @ tc))


def _cosine(d, t, scale=0.0):
    if (d**2).sum() <= len(d) * (64 * EPS * scale) ** 2 or not t.any():
        return np.nan
    return (d @ t) / np.sqrt((d @ d) * (t @ t))


def _spearman(d, t, scale=0.0):
    return _pearson(ranks(d, scale), ranks(t))


def _rho_a(d, t, scale=0.0):
    a, b, p = ranks(d, scale), ranks(t), len(d)
    return 12 * ((a - a.mean()) * (b - b.mean())).sum() / (p**3 - p)


def _pair_signs(d, t, scale):
    a, b = ranks(d, scale), ranks(t)
    i, j = np.triu_indices(len(a), 1)
    return np.sign(a[i] - a[j]), np.sign(b[i] - b[j])


def _tau_a(d, t, scale=0.0):
    a, b = _pair_signs(d, t, scale)
    return (a * b).sum() / len(a)


def _tau_b(d, t, scale=0.0):
    a, b = _pair_signs(d, t, scale)
    norm = np.sqrt((a != 0).sum() * float((b != 0).sum()))
    return (a * b).sum() / norm if norm else np.nan


@cache
def _covariance(kept):
    """Of the pairs kept (a tuple of booleans, one for each pair of n conditions)."""
    n = round((1 + np.sqrt(1 + 8 * len(kept))) / 2)
    rows, columns = np.triu_indices(n, 1)
    contrasts = np.eye(n)[rows] - np.eye(n)[columns]
    covariance = (contrasts @ contrasts.T) ** 2
    return covariance[np.ix_(kept, kept)]


def _cosine_cov(d, t, kept, scale=0.0):
    floor = len(d) * (64 * EPS * scale) ** 2
    if (d**2).sum() <= floor or not t.any():
        return np.nan
    whitened = np.linalg.solve(_covariance(tuple(kept)), np.stack([d, t], axis=1))
    (dd, dt), (_, tt) = np.stack([d, t]) @ whitened
    return dt / np.sqrt(dd * tt)


def _corr_cov(d, t, kept, scale=0.0):
    if np.isnan(_pearson(d, t, scale)):
        return np.nan
    return _cosine_cov(d - d.mean(), t - t.mean(), kept)


COMPARISONS = {
    "pearson": _pearson,
    "spearman": _spearman,
    "cosine": _cosine,
    "tau-a": _tau_a,
    "tau-b": _tau_b,
    "rho-a": _rho_a,
}
WHITENED = {"corr_cov": _corr_cov, "cosine_cov": _cosine_cov}


def compare(d, t, name, scale=0.0):
    """Fit of an RDM to a target, both condensed; NaN target pairs are dropped."""
    kept = ~np.isnan(t)
    d, t = np.asarray(d, np.float64)[kept], np.asarray(t, np.float64)[kept]
    if np.isnan(d).any():
        return np.nan
    if name in WHITENED:
        return float(WHITENED[name](d, t, kept, scale))
    return float(COMPARISONS[ALIASES.get(name, name)](d, t, scale))


# --- the public functions, slowly -----------------------------------------------------


def _each_target(target, target_kind):
    """Condensed dissimilarities, one per target, and whether there was a stack."""
    target = np.asarray(target, np.float64)
    stack = target if target.ndim == 3 else target[None]
    flat = [condensed(t) if t.ndim == 2 else t for t in stack]
    if target_kind == "similarity":
        flat = [1 - t for t in flat]
    return flat, target.ndim == 3


def score(
    x,
    target,
    metric="correlation",
    compare="pearson",
    objective="r",
    undefined="nan",
    target_kind="dissimilarity",
    pool="each",
    noise=None,
):
    """Fit of all units: a float, or one per target (``pool="mean"``: their mean)."""
    targets, stacked = _each_target(target, target_kind)
    dissimilarities = rdm(x, metric, undefined, noise)
    scale = 1.0 if metric in BOUNDED else 0.0
    fits = np.array(
        [globals()["compare"](dissimilarities, t, compare, scale) for t in targets]
    )
    if objective == "r2":
        fits = fits**2
    if undefined == "zero":
        fits = np.where(np.isnan(fits), 0.0, fits)
    if not stacked:
        return float(fits[0])
    return float(fits.mean()) if pool == "mean" else fits


def score_masks(x, target, masks, noise=None, **options):
    """Score of every mask: ``(n_masks,)``, or ``(k, n_masks)`` for k targets."""
    x, masks = np.asarray(x), np.asarray(masks).astype(bool)
    scores = [
        score(x[..., m], target, noise=subset_precision(noise, m), **options)
        for m in masks
    ]
    return np.moveaxis(np.array(scores), 0, -1)


def read_masks(x, target, masks, readout, **options):
    """Score of what is read from the units of every mask, others being zero."""
    patterns = [readout(np.where(mask, x, 0)) for mask in masks]
    return np.moveaxis(np.array([score(p, target, **options) for p in patterns]), 0, -1)


def leave_one_out(x, target, **options):
    """Full score, scores without each unit, and their difference (the importance)."""
    x = np.asarray(x)
    full = score(x, target, **options)
    # Units with the same responses (dead ones, say) are worth the same, exactly.
    first = which = np.arange(x.shape[-1])
    if options.get("noise") is None:
        found = np.unique(x, axis=-1, return_index=True, return_inverse=True)
        _, first, which = found
    masks = ~np.eye(x.shape[-1], dtype=bool)[first]
    scores = score_masks(x, target, masks, **options)[..., which.ravel()]
    return SimpleNamespace(
        full_score=full, scores=scores, importance=np.asarray(full)[..., None] - scores
    )


def ranking(importance):
    """Undefined units first, then most important first; ties by lowest index."""
    key = np.where(np.isnan(importance), np.inf, importance)
    return np.argsort(-key, axis=-1, kind="stable")


def prefix_curve(x, target, order, **options):
    """Score of the first 1, 2, ... units of an order."""
    masks = np.zeros((len(order), np.shape(x)[-1]), bool)
    for size, mask in enumerate(masks, start=1):
        mask[order[:size]] = True
    return score_masks(x, target, masks, **options)


def best_size(curve):
    """Number of units of the best prefix, the smallest of equals; NaN never wins."""
    return int(np.nanargmax(curve)) + 1


def prune(x, target, **options):
    """Importance, ranking, reintroduction, best prefix; for one target or a mean."""
    loo = leave_one_out(x, target, **options)
    order = ranking(loo.importance)
    curve = prefix_curve(x, target, order, **options)
    size = best_size(curve)
    return SimpleNamespace(
        full_score=loo.full_score,
        importance=loo.importance,
        order=order,
        curve=curve,
        best_size=size,
        best_score=curve[size - 1],
        retained=np.sort(order[:size]),
    )


def percentage_of_zeros(x):
    """Share of conditions in which a unit is exactly zero."""
    return (np.asarray(x) == 0).mean(axis=0)


# --- analysis of variance -----------------------------------------------------------


def _residual_sum_sq(y, columns):
    design = np.stack(columns, axis=1)
    fitted, _, rank, _ = np.linalg.lstsq(design, y, rcond=1e-10)
    return ((y - design @ fitted) ** 2).sum(), rank


def _groups(factors, term):
    """One column of zeros and ones for each group of images."""
    keys = list(
        zip(*(np.asarray(factors[name]).tolist() for name in term), strict=True)
    )
    return [np.array([key == group for key in keys], float) for group in {*keys}]


def anova(y, factors, terms):
    """Type II: (sum of squares, df, F) by term, from models fitted to every image."""
    sets = {term: set(term.split(":")) for term in terms}
    columns = {term: _groups(factors, term.split(":")) for term in terms}
    ones = [np.ones(len(y))]
    noise, rank = _residual_sum_sq(y, ones + sum(columns.values(), []))
    table = {}
    for term in terms:
        others = ones + sum(
            (columns[other] for other in terms if not sets[term] <= sets[other]), []
        )
        without, rank_without = _residual_sum_sq(y, others)
        with_it, rank_with = _residual_sum_sq(y, others + columns[term])
        df = rank_with - rank_without
        f = (without - with_it) / df / (noise / (len(y) - rank))
        table[term] = (without - with_it, df, f)
    return table


# --- searches -----------------------------------------------------------------------


def _all_but_one(units, n_units):
    masks = np.zeros((len(units), n_units), bool)
    masks[:, units] = True
    masks[np.arange(len(units)), units] = False
    return masks


def _one_more(chosen, out, n_units):
    masks = np.zeros((len(out), n_units), bool)
    masks[:, chosen] = True
    masks[np.arange(len(out)), out] = True
    return masks


def _shortfall(scores, place):
    """How far a score is below the best one; an undefined score is below any."""
    if np.isnan(scores).all():
        return 0.0
    return np.nanmax(scores) - (-np.inf if np.isnan(scores[place]) else scores[place])


def shortfalls(x, target, order, search, every=1, **options):
    """By how much every step of a greedy search misses the best step from there.

    (Or every 10th of them, say.)
    Of steps that are equally good but for round-off any may be taken, and then the next
    ones differ; so it is the steps that are checked, and not the order.
    """
    order, n_units = np.asarray(order), np.shape(x)[-1]
    found = []
    for size in range(1, n_units, every):
        if search == "backward":
            masks, place = _all_but_one(order[: size + 1], n_units), size
        else:
            masks, place = _one_more(order[: size - 1], order[size - 1 :], n_units), 0
        found.append(_shortfall(score_masks(x, target, masks, **options), place))
    return np.array(found)


def shapley(x, target, **options):
    """Shapley values from all subsets; none, or one without a score, scores 0."""
    n_units = np.shape(x)[-1]
    subsets = (np.arange(2**n_units)[:, None] >> np.arange(n_units)) & 1
    scores = np.zeros(2**n_units)
    scores[1:] = np.nan_to_num(score_masks(x, target, subsets[1:], **options))
    sizes = subsets.sum(axis=1)
    weights = [
        factorial(size) * factorial(n_units - size - 1) / factorial(n_units)
        for size in range(n_units)
    ]
    values = []
    for unit in range(n_units):
        without = np.flatnonzero(subsets[:, unit] == 0)
        gains = scores[without + 2**unit] - scores[without]
        values.append((np.array(weights)[sizes[without]] * gains).sum())
    return np.array(values)
