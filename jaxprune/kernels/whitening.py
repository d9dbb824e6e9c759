r"""Units whose noise is correlated, as coordinates whose noise is not.

Let P be the precision of the noise of all N units and Σ its inverse. The noise of a
subset S has the covariance Σ_SS, so the precision that belongs to S is inv(Σ_SS): it is
not P_SS, which would be that of S if the other units were known. Distances are
``(x_i - x_j)ᵀ inv(Σ_SS) (x_i - x_j)``, and two subsets are reached by sums over units:

* Without unit k, what is left is that of all units minus ``y_ik y_jk``, where
  ``y = (X P)_k / sqrt(P_kk)`` (the Schur complement of P_kk).
* For the units of an order there is an upper triangular U with ``P = U Uᵀ``; in the
  coordinates ``Z = X U``, the first m columns give the subset of the first m units
  (``inv(Σ_SS) = U_SS U_SSᵀ``, because ``Σ = U^-T U^-1``).

Here P has a unit diagonal: the features were multiplied by ``sqrt(P_kk)`` before.
"""

from __future__ import annotations

import jax
from jax import Array
from jaxtyping import Float, Int

from ..base.arrays import matmul

Rows = Float[Array, "n N"]
Precision = Float[Array, "N N"]


@jax.jit
def removals(x: Rows, precision: Precision) -> Rows:
    """What leaving out each unit subtracts, as one column a unit ``(n, N)``."""
    return matmul(x, precision)


@jax.jit
def of_group(
    removals: Rows, precision: Precision, units: Int[Array, " m"]
) -> Float[Array, "n m"]:
    """What leaving out a group subtracts, as columns ``(n, m)`` whose products add up.

    By the Schur complement of ``P_SS = L Lᵀ``: the columns of S in `removals` times
    ``L^-T``.
    """
    lower = jax.numpy.linalg.cholesky(precision[units[:, None], units[None, :]])
    columns = removals[:, units].T
    return jax.scipy.linalg.solve_triangular(lower, columns, lower=True).T


@jax.jit
def in_order(x: Rows, precision: Precision, order: Int[Array, " N"]) -> Rows:
    """Coordinates ``(n, N)`` of which the first m are the first m units of an order."""
    # Upper from lower: JAX's factor is L Lᵀ, so the order is turned round and back.
    back = order[::-1]
    lower = jax.numpy.linalg.cholesky(precision[back[:, None], back[None, :]])
    return matmul(x[:, back], lower)[:, ::-1]
