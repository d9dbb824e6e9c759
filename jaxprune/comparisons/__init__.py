"""HOW two RDMs are compared: one comparison per file.

A comparison is a frozen dataclass, a static argument of the kernels. `prepare` turns
a target into a vector once; `score` compares that with an RDM. Adding one: a file
here and a line in `COMPARISONS`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..base import checks
from ..base.arrays import double_precision, n_conditions, pair_index
from ..base.types import Prepared
from ._base import Comparison as Comparison
from ._base import is_constant as is_constant
from ._base import near_one
from ._base import vanishes as vanishes
from .cosine import CosineSimilarity as CosineSimilarity
from .kendall import TauA as TauA
from .kendall import TauB as TauB
from .pearson import Pearson as Pearson
from .rho_a import RhoA as RhoA
from .spearman import Spearman as Spearman
from .whitened import CorrCov as CorrCov
from .whitened import CosineCov as CosineCov

COMPARISONS: dict[str, type[Comparison]] = {
    "pearson": Pearson,
    "spearman": Spearman,
    "cosine": CosineSimilarity,
    "tau-a": TauA,
    "tau-b": TauB,
    "rho-a": RhoA,
    "corr_cov": CorrCov,
    "cosine_cov": CosineCov,
}

# The words of rsatoolbox.
ALIASES = {"corr": "pearson", "kendall": "tau-b"}

__all__ = ["ALIASES", "COMPARISONS", "Comparison", "compare", "compare_all"]


def compare(
    rdm: Any, target: Any, name: str = "pearson", controls: Any = None
) -> float:
    """Compare two condensed RDMs.

    Parameters
    ----------
    rdm, target : array_like (P,)
        Dissimilarities of all pairs of n conditions, in the same order. Pairs that
        are NaN in the target are missing, and left out.
    name : str
        One of `COMPARISONS` or `ALIASES`.
    controls : array_like (K, P), optional
        RDMs whose share of both is taken out: with pearson, spearman and cosine.

    Returns
    -------
    float
        NaN where the comparison is undefined: an RDM or a target that is constant (to
        a cosine, zero), or an RDM that is NaN in a pair that the target has. Tau-a
        and rho-a have 0 for a constant.

    Raises
    ------
    ValueError
        An unknown name, vectors of different lengths or of a length that is not
        ``n (n - 1) / 2``, or a target with fewer than 2 pairs.

    Examples
    --------
    >>> from jaxprune.comparisons import compare
    >>> round(compare([1.0, 2.0, 4.0], [1.0, 2.0, 3.0], "pearson"), 4)
    0.982
    >>> nan = float("nan")
    >>> round(compare([1, 2, 4, 3, 5, 1], [1, nan, 3, 2, 4, 2], "cosine_cov"), 3)
    0.949
    """
    checks.choice("name", name, [*COMPARISONS, *ALIASES])
    comparison = COMPARISONS[ALIASES.get(name, name)]()
    if controls is not None:
        check_controllable(comparison, name)
        controls = np.asarray(controls, float)
        comparison = replace(comparison, n_controls=len(controls))
    d, t = np.asarray(rdm, float), np.asarray(target, float)
    if d.ndim != 1 or d.shape != t.shape:
        raise ValueError(
            f"rdm has shape {d.shape} and target {t.shape}; expected two condensed "
            "RDMs (n (n - 1) / 2,) of the same conditions."
        )
    try:
        i, j = pair_index(n_conditions(len(t)))
    except ValueError as error:
        raise ValueError(
            f"target has length {len(t)}: {error}. Pass all pairs, and NaN in the "
            "target for those that are missing."
        ) from None
    kept = ~np.isnan(t)
    if kept.sum() < 2:
        raise ValueError(
            f"target has {kept.sum()} pair(s) that are not NaN, of {len(t)}; at least "
            "2 are needed to compare RDMs."
        )
    pairs, d = (i[kept], j[kept]), near_one(d[kept])
    given = None if controls is None else controls[:, kept]
    return float(compare_all(comparison, d[None], t[None, kept], pairs, given)[0, 0])


def compare_all(
    comparison: Comparison,
    rdms: np.ndarray,
    targets: np.ndarray,
    pairs: tuple[np.ndarray, np.ndarray],
    controls: np.ndarray | None = None,
) -> np.ndarray:
    """Scores ``(k, B)`` of RDMs ``(B, p)`` with targets ``(k, p)``, in float64.

    Parameters
    ----------
    pairs : tuple of ndarray of int (p,)
        Conditions that the entries belong to. None is NaN in a target.
    controls : ndarray (K, p), optional
        As many as the comparison wants.
    """
    prepared = comparison.prepare_all(targets, pairs, controls)
    if comparison.ranks:
        return comparison.score_rows(prepared, rdms)
    with double_precision():
        prepared = jax.tree.map(jnp.asarray, prepared)
        return np.asarray(score_all(comparison, prepared, jnp.asarray(rdms)))


@partial(jax.jit, static_argnums=0)
def score_all(comparison: Comparison, prepared: Prepared, rdms: jax.Array) -> jax.Array:
    """`Comparison.score_all`, compiled."""
    return comparison.score_all(prepared, rdms)


def comparison_named(name: str, scale: float) -> Comparison:
    """Comparison by name or alias, of RDMs with a certain scale."""
    checks.choice("compare", name, [*COMPARISONS, *ALIASES])
    return COMPARISONS[ALIASES.get(name, name)](scale)


def check_controllable(comparison: Comparison, name: str) -> None:
    """A comparison that controls can be taken out of."""
    if not comparison.controllable:
        able = [name for name, kind in COMPARISONS.items() if kind.controllable]
        raise ValueError(
            f"controls with compare={name!r}: expected one of {able}, whose scores are "
            "products of two vectors. Leave controls out, or compare otherwise."
        )
