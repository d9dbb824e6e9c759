"""What the machine can do: the matrix products of the closed form, and its memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .cases import SEED, Case
from .core import DTYPES, Method
from .machine import cores
from .methods import ours

# Widths that are tried for the rate of a product: in a CPU's cache, and large enough
# for any GPU. Wider ones are left out once a call takes LONG_CALL, or an operand
# LARGEST bytes.
WIDTHS = (2**11, 2**14, 2**17, 2**20)
LONG_CALL, LARGEST = 0.5, 2**30
ROUND = 0.2
# Bytes of an array that is beyond any cache.
CPU_BYTES, ACCELERATOR_BYTES = 2**28, 2**30


def yardstick(case: Case) -> list[Method]:
    """Five matrix products ``(n, n) x (n, N)`` on the device, outputs materialised."""
    squares = np.random.default_rng(SEED).random((5, case.n, case.n))
    there = {}
    for dtype in DTYPES:
        with jax.enable_x64(True):
            factors = list(jnp.asarray(squares, dtype))
            there[dtype] = factors, jnp.asarray(case.x, dtype)

    def products(dtype: str, _: np.ndarray) -> Any:
        factors, x = there[dtype]
        with jax.enable_x64(True):
            # The precision of the engine's own products; matters on GPUs only.
            made = [jnp.matmul(a, x, precision="highest") for a in factors]
            return jax.block_until_ready(made)

    label, units = "yard-stick: five jnp.matmul", np.arange(case.n_units)
    return ours("leave_one_out", label, products, units, "matmul", whole=True)


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


def bandwidth() -> float:
    """Bytes a second, those read and those written, of ``y = 2 x`` in float32.

    NumPy on all cores, or jax on an accelerator. As in STREAM, a line that a CPU
    fetches before it writes to it is not counted.
    """
    if jax.local_devices()[0].platform != "cpu":
        there = jnp.ones(ACCELERATOR_BYTES // 4, "float32")
        double = jax.jit(lambda x: 2 * x)
        return 2 * there.nbytes / repeated(lambda: double(there))
    x = np.ones(CPU_BYTES // 4, np.float32)
    y = np.empty_like(x)
    shares = (np.array_split(array, cores()) for array in (x, y))
    parts = list(zip(*shares, strict=True))
    with ThreadPoolExecutor(cores()) as pool:

        def scale() -> list[None]:
            return list(pool.map(lambda part: np.multiply(part[0], 2, part[1]), parts))

        return 2 * x.nbytes / repeated(scale)


def repeated(call: Callable[[], Any]) -> float:
    """Median seconds of a call that returns device arrays, after one to warm up."""
    jax.block_until_ready(call())
    seconds: list[float] = []
    while not seconds or (sum(seconds) < ROUND and len(seconds) < 100):
        start = time.perf_counter()
        jax.block_until_ready(call())
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
