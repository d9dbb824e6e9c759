"""A read-out whose first step is linear, so that removing units subtracts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from .arrays import matmul


@dataclass(frozen=True, eq=False)
class LinearReadout:
    r"""A read-out ``rest(x @ weight + bias)``: ``readout=`` of the functions that rank.

    What a group k of units adds to the first step is :math:`x_k W_k`. So without the
    group it is :math:`z - x_k W_k`, and a curve is a running sum: the first step of all
    removals together costs as much as that of the layer. Any other function is
    evaluated from the masked layer each time.

    Parameters
    ----------
    weight : array_like (N, H)
        Of the first step, a row for each unit of the layer.
    bias : array_like (H,)
    rest : callable
        From ``(n, H)`` to the patterns ``(n, M)``, a function of JAX arrays: the
        nonlinearity of the first step, and what follows.

    Raises
    ------
    ValueError
        If the shapes of weight and bias do not fit together.

    Examples
    --------
    >>> import jax, numpy as np, jaxprune as jp
    >>> rng = np.random.default_rng(0)
    >>> features, target = rng.random((6, 8)), rng.random(15)
    >>> readout = jp.LinearReadout(rng.normal(size=(8, 5)), np.zeros(5), jax.nn.relu)
    >>> result = jp.leave_one_out(features, target, readout=readout)
    >>> plain = jp.leave_one_out(features, target, readout=lambda x: readout(x))
    >>> bool(np.allclose(result.importance, plain.importance))
    True
    """

    weight: Any
    bias: Any
    rest: Callable[[jax.Array], Any]

    def __post_init__(self) -> None:
        weight, bias = (getattr(one, "shape", None) for one in (self.weight, self.bias))
        if weight is None or bias is None or len(weight) != 2 or bias != weight[1:]:
            raise ValueError(
                f"weight has shape {weight} and bias {bias}; expected arrays "
                "(n_units, H) and (H,). A PyTorch weight is (H, n_units): transpose it."
            )

    def __call__(self, x: jax.Array) -> Any:
        """Patterns of a layer ``(n, N)``, some of whose units may be zero."""
        weight, bias = (jnp.asarray(one, x.dtype) for one in (self.weight, self.bias))
        return self.rest(matmul(x, weight) + bias[None])
