"""HOW two RDMs are compared: one comparison per file.

A comparison is a frozen dataclass, a static argument of the kernels. `prepare` turns
a target into a vector once; `score` compares that with an RDM. Adding one: a file
here and a line in `COMPARISONS`.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from ._base import Comparison as Comparison
from ._base import vanishes as vanishes
from .cosine import CosineSimilarity as CosineSimilarity
from .kendall import TauA as TauA
from .kendall import TauB as TauB
from .pearson import Pearson as Pearson
from .rho_a import RhoA as RhoA
from .spearman import Spearman as Spearman

COMPARISONS: dict[str, type[Comparison]] = {
    "pearson": Pearson,
    "spearman": Spearman,
    "cosine": CosineSimilarity,
    "tau-a": TauA,
    "tau-b": TauB,
    "rho-a": RhoA,
}

# The words of rsatoolbox.
ALIASES = {"corr": "pearson", "kendall": "tau-b"}

__all__ = ["ALIASES", "COMPARISONS", "Comparison", "compare"]


def compare(rdm: np.ndarray, target: np.ndarray, name: str = "pearson") -> float:
    """Compare two condensed RDMs.

    Parameters
    ----------
    rdm, target : array_like (P,)
        Dissimilarities of the same pairs in the same order, without NaN.
    name : str
        One of `COMPARISONS` or `ALIASES`.

    Returns
    -------
    float
        NaN where the comparison is undefined (an RDM that is constant).

    Examples
    --------
    >>> from jaxprune.comparisons import compare
    >>> round(compare([1.0, 2.0, 4.0], [1.0, 2.0, 3.0], "pearson"), 4)
    0.982
    """
    from .._arrays import double_precision

    if name not in (*COMPARISONS, *ALIASES):
        known = [*COMPARISONS, *ALIASES]
        raise ValueError(f"name={name!r} is not known; choose from {known}.")
    comparison = COMPARISONS[ALIASES.get(name, name)]()
    with double_precision():
        prepared = jnp.asarray(comparison.prepare(np.asarray(target, float)))
        return float(comparison.score(prepared, jnp.asarray(rdm, float)))
