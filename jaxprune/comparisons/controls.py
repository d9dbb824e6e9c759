r"""What other RDMs explain, taken out: partial correlation.

With the target's residual t and an orthonormal basis c of the controls, both as the
comparison sees them (centred, or ranks around their mean), partial correlation follows
from the plain scores s of an RDM with these:

.. math:: r_{dt \cdot c} = \frac{s_t}{\sqrt{1 - \sum_k s_{c_k}^2}}

So controls are further targets, and every path that knows targets knows controls.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

# A vector with less than this share of its squares left is taken for explained; of
# controls, for a combination of the others. Round-off leaves some 1e-30.
EXPLAINED = 1e-18
# An RDM with no more than this many eps of its variance left: round-off of the sums.
LEFT = 64


def basis_of(controls: np.ndarray) -> np.ndarray:
    """Orthonormal rows that span some vectors ``(K, p)``, filled up with zeros.

    A vector of zeros or NaN (a control that is constant here) controls for nothing.
    """
    basis = np.zeros_like(controls)
    for place, vector in enumerate(np.nan_to_num(controls)):
        squares = np.sum(vector * vector)
        rest = residual(vector, basis[:place])
        if np.sum(rest * rest) > EXPLAINED * squares:
            basis[place] = rest / np.sqrt(np.sum(rest * rest))
    return basis


def residual(vectors: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """What an orthonormal basis ``(K, p)`` leaves of vectors ``(..., p)``."""
    # Twice: what round-off leaves of a projection is projected, too. Not by BLAS, whose
    # threads take longer to wake than the product takes.
    for _ in range(2):
        shares = np.einsum("...p,kp->...k", vectors, basis)
        vectors = vectors - np.einsum("...k,kp->...p", shares, basis)
    return vectors


def given_controls(scores: Any, n_controls: int) -> Any:
    """Partial scores ``(k, B)`` from plain ones ``(k + n_controls, B)``.

    NaN where the controls explain the whole RDM.
    """
    if not n_controls:
        return scores
    xp = jnp if isinstance(scores, jax.Array) else np
    # A control that is left empty has no score of its own.
    shares = xp.nan_to_num(scores[-n_controls:]) ** 2
    left = 1 - shares.sum(0, keepdims=True)
    explained = left <= LEFT * np.finfo(scores.dtype).eps
    root = xp.sqrt(xp.where(explained, 1, left))
    return xp.where(explained, np.nan, scores[:-n_controls] / root)
