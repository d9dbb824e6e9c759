"""What the machine can do: the matrix products that the closed form is made of."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .cases import SEED, Case
from .methods import Method, timed
from .rivals import Parts


def yardstick(case: Case) -> list[Method]:
    """Five matrix products ``(n, n) x (n, N)`` on the device, outputs materialised."""
    out = []
    for dtype in ("float64", "float32"):
        with jax.enable_x64(True):
            rng = np.random.default_rng(SEED)
            squares = [
                jnp.asarray(rng.random((case.n, case.n)), dtype) for _ in range(5)
            ]
            x = jnp.asarray(case.x, dtype)

        def call(_: np.ndarray, squares: Any = squares, x: Any = x) -> Parts:
            def products() -> Any:
                # The precision of the engine's own products; matters on GPUs only.
                made = [jnp.matmul(a, x, precision="highest") for a in squares]
                return jax.block_until_ready(made)

            with jax.enable_x64(True):
                return timed(products)

        out.append(
            Method(
                "leave_one_out",
                f"matmul_{dtype}",
                f"yard-stick: five jnp.matmul, {dtype}",
                call,
                np.arange(case.n_units),
                whole=True,
                ours=True,
                dtype=dtype,
            )
        )
    return out
