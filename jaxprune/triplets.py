"""Odd-one-out choices as a target: units that a dot product needs to predict them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import checks
from .base.arrays import double_precision, pair_index
from .engine.curves import best_prefix
from .engine.importances import ranking
from .engine.layer import as_features, extremes
from .execution.devices import device_of
from .io.objects import names_of
from .kernels import triplets as kernel
from .results import Pruning, Settings


def prune_triplets(features: Any, triplets: Any, score: str = "accuracy") -> Pruning:
    r"""Keep the units whose dot products predict odd-one-out choices best.

    Of three conditions, somebody chose the two that go together. With the similarity
    :math:`s_{ij} = \sum_k x_{ik} x_{jk}`, a triplet is predicted if that of the chosen
    pair is the largest of the three. A unit adds one product to each similarity: all
    leave-one-out scores, and the whole curve, take :math:`3 T N` products each.

    Parameters
    ----------
    features : array_like (n_conditions, n_units)
    triplets : array_like of int (T, 3)
        Rows ``a, b, odd``: numbers of conditions, counted from 0, the odd one last.
        :func:`jaxprune.io.load_triplets` and :func:`jaxprune.io.among` make them from
        labels.
    score : {"accuracy", "log_loss"}
        Share of the choices that are predicted, ties shared; or the mean log loss under
        the softmax of the three similarities, with a minus sign: more is better.

    Returns
    -------
    Pruning
        As of :func:`prune`. ``target_rdm`` is, for each pair, the share of the triplets
        with both in which another pair was chosen (NaN where there is none), and the
        other RDMs are dot products with a minus sign.

    Raises
    ------
    ValueError
        Features or triplets of the wrong shape or dtype, with NaN or infinity; numbers
        of no condition, or of one twice.

    References
    ----------
    .. [1] Hebart, Zheng, Pereira, Baker (2020). Revealing the multidimensional mental
       representations of natural objects underlying human similarity judgements.
       Nature Human Behaviour 4, 1173-1185.

    Examples
    --------
    >>> import numpy as np, jaxprune as jp
    >>> x = np.array([[3.0, 0.0, 1.0], [2.0, 0.0, 0.0], [0.0, 2.0, 9.0]])
    >>> result = jp.prune_triplets(x, [[0, 1, 2]])
    >>> result.full_score, result.best_score, result.retained
    (0.0, 1.0, array([0]))
    """
    checks.choice("score", score, list(kernel.SCORES))
    x = np.asarray(as_features(features), np.float64)
    extremes(x)
    chosen = checks.triplets(triplets, len(x))
    units, sizes = np.ascontiguousarray(x.T), np.arange(1, x.shape[1] + 1)
    with double_precision():
        found = kernel.without_each(units, chosen, score=score)
        full, scores = (np.asarray(part) for part in found)
        importance = full - scores
        order = ranking(importance)
        curve = np.asarray(kernel.prefixes(units[order], chosen, score=score))
    size, best = best_prefix(curve, sizes)
    retained = np.sort(order[:size])
    return Pruning(
        full_score=float(full),
        importance=importance,
        order=order,
        curve=curve,
        sizes=sizes,
        best_size=size,
        best_score=best,
        retained=retained,
        target_rdm=_chosen_elsewhere(chosen, len(x)),
        full_rdm=_dot_products(x),
        pruned_rdm=_dot_products(x[:, retained]),
        paths={"importance": "triplets", "reintroduction": "triplets"},
        dtype="float64",
        device=device_of(x, "float64").name,
        settings=Settings("dot_product", score, target_kind="triplets"),
        **names_of(features, None),
    )


def _dot_products(x: np.ndarray) -> np.ndarray:
    first, second = pair_index(len(x))
    return -(x @ x.T)[first, second]


def _chosen_elsewhere(triplets: np.ndarray, n: int) -> np.ndarray:
    """Share of the triplets with both conditions in which another pair was chosen."""
    together, chosen = np.zeros((n, n)), np.zeros((n, n))
    for first, second in ((0, 1), (0, 2), (1, 2)):
        np.add.at(together, (triplets[:, first], triplets[:, second]), 1)
    np.add.at(chosen, (triplets[:, 0], triplets[:, 1]), 1)
    together, chosen = together + together.T, chosen + chosen.T
    with np.errstate(invalid="ignore"):
        return (1 - chosen / together)[pair_index(n)]
