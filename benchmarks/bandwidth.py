"""What the memory can do: a large array scaled into another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np

from .rivals import cores
from .yardstick import repeated

# Beyond any cache.
CPU_BYTES, ACCELERATOR_BYTES = 2**28, 2**30


def bandwidth(n_bytes: int | None = None) -> float:
    """Bytes a second, those read and those written, of ``y = 2 x`` in float32.

    NumPy on all cores, or jax on an accelerator. As in STREAM, a line that a CPU
    fetches before it writes to it is not counted.

    Parameters
    ----------
    n_bytes : int, optional
        Size of x.
    """
    if jax.local_devices()[0].platform != "cpu":
        x = jnp.ones((n_bytes or ACCELERATOR_BYTES) // 4, "float32")
        double = jax.jit(lambda x: 2 * x)
        return 2 * x.nbytes / repeated(lambda: double(x))
    x = np.ones((n_bytes or CPU_BYTES) // 4, np.float32)
    y = np.empty_like(x)
    shares = (np.array_split(array, cores()) for array in (x, y))
    parts = list(zip(*shares, strict=True))
    with ThreadPoolExecutor(cores()) as pool:

        def scale() -> list[None]:
            return list(pool.map(lambda part: np.multiply(part[0], 2, part[1]), parts))

        return 2 * x.nbytes / repeated(scale)
