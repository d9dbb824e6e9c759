"""What the machine can do: the matrix products that the closed form is made of."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .cases import SEED, Case
from .methods import Method, timed
from .rivals import Parts

# Widths that are tried for the rate of a product: in a CPU's cache, and large enough
# for any GPU. Wider ones are left out once a call takes LONG_CALL, or an operand
# LARGEST bytes.
WIDTHS = (2**11, 2**14, 2**17, 2**20)
LONG_CALL, LARGEST = 0.5, 2**30
ROUND = 0.2


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


def product_rate(n: int, dtype: str) -> dict[str, Any]:
    """Flops a second of ``(n, n) x (n, w)`` products, and the width w that is best.

    Outputs are materialised; the precision is that of the engine's own products, which
    rules TF32 and bfloat16 out.
    """
    product = jax.jit(partial(jnp.matmul, precision="highest"))
    rates: dict[int, float] = {}
    rng = np.random.default_rng(SEED)
    for width in WIDTHS:
        if n * width * np.dtype(dtype).itemsize > LARGEST:
            break
        with jax.enable_x64(True):
            square = jnp.asarray(rng.random((n, n), np.float32), dtype)
            x = jnp.asarray(rng.random((n, width), np.float32), dtype)
            seconds = repeated(partial(product, square, x))
        rates[width] = 2 * n * n * width / seconds
        if seconds > LONG_CALL:
            break
    width = max(rates, key=lambda width: rates[width])
    return {"flops": rates[width], "width": width, "by_width": rates}


def repeated(call: Callable[[], Any]) -> float:
    """Median seconds of a call that returns device arrays, after one to warm up."""
    jax.block_until_ready(call())
    seconds: list[float] = []
    while not seconds or (sum(seconds) < ROUND and len(seconds) < 100):
        start = time.perf_counter()
        jax.block_until_ready(call())
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
