"""Blocks that compute what their PyTorch namesakes compute, for NHWC arrays.

Padding, epsilon and initialisation are always explicit: flax's defaults differ from
PyTorch's (``"SAME"`` pads differently at stride 2, GroupNorm's epsilon is 1e-6).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from jaxprune.base import checks

# Without it an accelerator may multiply in TF32 or bfloat16, and parity is gone.
PRECISION = jax.lax.Precision.HIGHEST
EPSILON = 1e-5

Initializer = Callable[..., jax.Array]

xavier_uniform: Initializer = jax.nn.initializers.glorot_uniform()
zeros: Initializer = jax.nn.initializers.zeros


def random_key(seed: int) -> jax.Array:
    """Return the key of a seed; ValueError unless it has 32 bits.

    Of others JAX drops what is more, so that 2**32 would give the weights of 0.
    """
    if checks.whole("seed", seed, 0) >= 2**32:
        raise ValueError(f"seed={seed}: expected less than 2**32.")
    return jax.random.key(seed)


def he_normal(mode: Literal["fan_in", "fan_out"]) -> Initializer:
    """Return N(0, 2 / fan), where `mode` is "fan_in" or "fan_out"."""
    return jax.nn.initializers.variance_scaling(2.0, mode, "normal")


def torch_uniform(fan_in: int) -> Initializer:
    """PyTorch's default for weights and biases alike: U(-b, b), b = fan_in ** -0.5."""
    bound = fan_in**-0.5

    def initialise(key: jax.Array, shape: Sequence[int], dtype=jnp.float32, **kwargs):
        del kwargs  # flax passes out_sharding
        return jax.random.uniform(key, shape, dtype, -bound, bound)

    return initialise


def conv(
    n_in: int,
    n_out: int,
    kernel: int,
    *,
    rngs: nnx.Rngs,
    stride: int = 1,
    padding: int | None = None,
    groups: int = 1,
    bias: bool = True,
    weights: Initializer | None = None,
    biases: Initializer | None = None,
) -> nnx.Conv:
    """Square convolution, padded by ``kernel // 2`` unless `padding` says otherwise.

    `weights` and `biases` initialise; by default as PyTorch does.
    """
    default = torch_uniform(n_in // groups * kernel**2)
    return nnx.Conv(
        n_in,
        n_out,
        (kernel, kernel),
        strides=stride,
        padding=kernel // 2 if padding is None else padding,
        feature_group_count=groups,
        use_bias=bias,
        precision=PRECISION,
        kernel_init=weights or default,
        bias_init=biases or default,
        rngs=rngs,
    )


def linear(
    n_in: int,
    n_out: int,
    *,
    rngs: nnx.Rngs,
    weights: Initializer | None = None,
    biases: Initializer | None = None,
) -> nnx.Linear:
    """Fully connected layer with bias, initialised by default as PyTorch does."""
    default = torch_uniform(n_in)
    return nnx.Linear(
        n_in,
        n_out,
        precision=PRECISION,
        kernel_init=weights or default,
        bias_init=biases or default,
        rngs=rngs,
    )


def batch_norm(n: int, *, rngs: nnx.Rngs) -> nnx.BatchNorm:
    """Batch normalisation with its running statistics, never those of the batch."""
    return nnx.BatchNorm(n, use_running_average=True, epsilon=EPSILON, rngs=rngs)


def group_norm(n: int, groups: int = 32, *, rngs: nnx.Rngs) -> nnx.GroupNorm:
    """Group normalisation, 32 groups of channels unless said otherwise."""
    # Flax's mean of squares less square of the mean loses the digits of a response that
    # varies little around its mean, as to an image of low contrast.
    return nnx.GroupNorm(n, groups, epsilon=EPSILON, use_fast_variance=False, rngs=rngs)


def max_pool(
    x: jax.Array, window: int = 3, stride: int = 2, padding: int = 1
) -> jax.Array:
    """Max pool; padding is minus infinity, and NaN passes on, as in PyTorch.

    >>> max_pool(jnp.full((1, 4, 4, 1), jnp.nan), 2, 2, 0).ravel().tolist()
    [nan, nan, nan, nan]
    """
    sides = (padding, padding)
    x = jnp.pad(x, ((0, 0), sides, sides, (0, 0)), constant_values=-jnp.inf)
    # On a CPU, windows that overlap take half the time as windows, others as slices.
    return (_overlapping if stride < window else _slices)(x, window, stride)


@partial(jax.custom_jvp, nondiff_argnums=(1, 2))
def _overlapping(x: jax.Array, window: int, stride: int) -> jax.Array:
    """Largest of each window; differentiated as `_slices`, in a fifth of the time."""
    # XLA's own maximum drops the NaN of some windows.
    sides, steps = (1, window, window, 1), (1, stride, stride, 1)
    lowest = np.array(-np.inf, x.dtype)
    return jax.lax.reduce_window(x, lowest, _larger, sides, steps, "VALID")


@_overlapping.defjvp
def _differentiated(
    window: int, stride: int, primals: tuple[jax.Array], tangents: tuple[jax.Array]
) -> tuple[jax.Array, jax.Array]:
    return jax.jvp(lambda x: _slices(x, window, stride), primals, tangents)


def _slices(x: jax.Array, window: int, stride: int) -> jax.Array:
    """Largest of each window, place by place."""
    rows, columns = (
        max(0, stride * ((n - window) // stride) + 1) for n in x.shape[1:3]
    )
    places = [(i, j) for i in range(window) for j in range(window)]
    return reduce(
        _larger,
        (x[:, i : i + rows : stride, j : j + columns : stride] for i, j in places),
    )


def _larger(a: jax.Array, b: jax.Array) -> jax.Array:
    """Maximum, NaN if either is; the gradient of equal ones goes to the first."""
    return jnp.where((a >= b) | jnp.isnan(a), a, b)


def average_pool(x: jax.Array, window: int, stride: int, padding: int) -> jax.Array:
    """Average pool; zeros of the padding count, as they do by default in PyTorch."""
    sides = (padding, padding)
    total = jax.lax.reduce_window(
        x,
        # Not jnp's: traced, it would hide from jax how to differentiate this.
        np.zeros((), x.dtype),
        jax.lax.add,
        window_dimensions=(1, window, window, 1),
        window_strides=(1, stride, stride, 1),
        padding=((0, 0), sides, sides, (0, 0)),
    )
    return total / window**2


def adaptive_average_pool(x: jax.Array, size: int) -> jax.Array:
    """Average over ``size x size`` windows that cover the map, whatever its size.

    Window i of a side of length n goes from ``floor(i n / size)`` to
    ``ceil((i + 1) n / size)``.
    """
    rows, columns = (_windows(length, size) for length in x.shape[1:3])
    if rows is None and columns is None:
        return x
    for axis, means in ((1, rows), (2, columns)):
        if means is not None:
            moved = jnp.moveaxis(x, axis, -1)
            x = jnp.moveaxis(jnp.matmul(moved, means, precision=PRECISION), -1, axis)
    return x


def _windows(length: int, size: int) -> np.ndarray | None:
    """Matrix ``(length, size)`` that takes the means; None where it is the identity."""
    if length == size:
        return None
    means = np.zeros((length, size), np.float32)
    for i in range(size):
        start, stop = i * length // size, -(-(i + 1) * length // size)
        means[start:stop, i] = 1 / (stop - start)
    return means


def local_response_norm(
    x: jax.Array, size: int, alpha: float, beta: float, k: float
) -> jax.Array:
    r"""Divide by :math:`(k + \alpha \overline{x^2})^\beta` over `size` channels.

    The mean counts zeros beyond the first and the last channel, as in PyTorch.
    """
    sides = (size // 2, (size - 1) // 2)
    total = jax.lax.reduce_window(
        x * x,
        np.zeros((), x.dtype),
        jax.lax.add,
        window_dimensions=(1, 1, 1, size),
        window_strides=(1, 1, 1, 1),
        padding=((0, 0), (0, 0), (0, 0), sides),
    )
    return x / (k + alpha * total / size) ** beta


def channel_first(x: jax.Array) -> jax.Array:
    """Flatten ``(n, H, W, C)`` to ``(n, C * H * W)``, PyTorch's order of units.

    Arrays ``(n, units)`` stay as they are.
    """
    if x.ndim == 4:
        x = x.transpose(0, 3, 1, 2)
    return x.reshape(x.shape[0], -1)
