"""What three published research scripts compute, rendered in NumPy.

Written from a description of their behaviour, defects included; no code of theirs is
used. Imports neither jax nor jaxprune. Features are ``(n_conditions, n_units)``,
targets square. The prefix of a name says whose semantics it is:

``number_neurons_``
    Truong, Noei and Karami (2024), RDM ``1 - r``, fit Pearson r.
``pruning_2oi_``
    Tarigopula et al. (2023), matrix of similarities r, fit R squared.
``poz_``
    The percentage-of-zeros study (ICCM 2022), matrix of r squared, fit R squared.
"""

import numpy as np


def _upper(matrix):
    return matrix[np.triu_indices(len(matrix), 1)]


def _corrcoef(x):
    """Row correlations; NaN where a row is constant or has fewer than two units."""
    if x.shape[1] < 2:
        return np.full((len(x), len(x)), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.corrcoef(x)


def _pearson(a, b):
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.corrcoef(a, b)[0, 1]


# --- number_neurons -----------------------------------------------------------------


def number_neurons_fit(x, target):
    """Pearson r, not squared, of the two upper triangles."""
    return _pearson(_upper(1 - _corrcoef(x)), _upper(target))


def number_neurons_remove_node_n_eval(x, target, node):
    """Fit after removing a unit: not the drop."""
    return number_neurons_fit(np.delete(x, node, axis=1), target)


def number_neurons_scores(x, target):
    """Fit after removing each unit in turn."""
    return np.array(
        [number_neurons_remove_node_n_eval(x, target, k) for k in range(x.shape[1])]
    )


def number_neurons_rank(full, scores):
    """Most important first: an unstable sort, reversed, so ties have no order."""
    return np.argsort(full - scores)[::-1]


def number_neurons_select_forward(x, target, rank):
    """Fits of prefixes of 2, 3, ..., N units: ``N - 1`` values."""
    sizes = range(2, len(rank) + 1)
    return np.array([number_neurons_fit(x[:, rank[:s]], target) for s in sizes])


def number_neurons_read_out(rank, forward):
    """Units retained: two too few, for entry i is the fit of i + 2 units."""
    return rank[: np.argmax(forward)]


def number_neurons_rank_read_back(full, scores):
    """The ranking after a trip through a .mat file: least important first.

    The file turns ``(N,)`` into ``(1, N)``, and ``[::-1]`` then reverses one row.
    """
    deviation = (full - scores)[None, :]
    return np.argsort(deviation)[::-1][0]


# --- pruning_2oi --------------------------------------------------------------------


def pruning_2oi_fit(x, target):
    """R squared between similarities and the target, whatever its sign."""
    return _pearson(_upper(_corrcoef(x)), _upper(target)) ** 2


def pruning_2oi_compute_feature_ranking(x, target):
    """Drop in R squared of each unit, and units from least to most important."""
    full = pruning_2oi_fit(x, target)
    drop = np.array(
        [full - pruning_2oi_fit(np.delete(x, k, 1), target) for k in range(x.shape[1])]
    )
    return drop, np.argsort(drop)


def pruning_2oi_compute_2oi(x, target, features):
    """R squared of prefixes of 0, 1, ..., M - 1 units: never of all M.

    Undefined similarities and undefined fits both become 0.
    """
    out = np.zeros(len(features))
    for size in range(len(features)):
        similarity = np.nan_to_num(_corrcoef(x[:, features[:size]]))
        fit = _pearson(_upper(similarity), _upper(target)) ** 2
        out[size] = np.nan_to_num(fit)
    return out


def pruning_2oi_ret_features(ascending, n):
    """The n most important units; ``n = 0`` returns all of them."""
    return ascending[-n:]


# --- poz ------------------------------------------------------------------------------


def poz_get_apoz(x):
    """Share of samples in which a unit is exactly zero."""
    return np.array([np.sum(x[:, k] == 0) / len(x) for k in range(x.shape[1])])


def poz_get_apoz_batches(x, batch):
    """Mean of the batches' shares: a short last batch counts too much."""
    starts = range(0, len(x), batch)
    return np.mean([poz_get_apoz(x[s : s + batch]) for s in starts], axis=0)


def poz_keep(poz, n):
    """The n units with the fewest zeros, unsorted, ties arbitrary."""
    return np.argpartition(poz, n)[:n]


def poz_keep_rate(poz, rate):
    """Units whose share of zeros is at most ``rate``."""
    return np.flatnonzero(poz <= rate)


def poz_fit(x, similarity):
    """R squared between a matrix of r squared and the target similarities."""
    return _pearson(_upper(_corrcoef(x) ** 2), _upper(similarity)) ** 2


def poz_compute_2oi(x, similarity, poz, step=20):
    """Fits of the n units with the fewest zeros, for n = N, N - step, ..."""
    n_units = x.shape[1]
    sizes = np.arange(n_units, 1, -step)
    order = np.argsort(poz, kind="stable")
    return sizes, np.array([poz_fit(x[:, order[:n]], similarity) for n in sizes])
