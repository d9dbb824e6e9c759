"""Blocks that compute what their PyTorch namesakes compute, for NHWC arrays."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx

# Without it an accelerator may multiply in TF32 or bfloat16, and parity is gone.
PRECISION = jax.lax.Precision.HIGHEST


def conv(n_in: int, n_out: int, kernel: int, stride: int, rngs: nnx.Rngs) -> nnx.Conv:
    """Square convolution with bias, padded by ``kernel // 2``, Xavier-uniform.

    The padding is explicit because flax's ``"SAME"`` pads differently at stride 2.
    """
    return nnx.Conv(
        n_in,
        n_out,
        (kernel, kernel),
        strides=stride,
        padding=kernel // 2,
        precision=PRECISION,
        kernel_init=jax.nn.initializers.glorot_uniform(),
        rngs=rngs,
    )


def linear(n_in: int, n_out: int, rngs: nnx.Rngs) -> nnx.Linear:
    """Fully connected layer with bias, Xavier-uniform."""
    return nnx.Linear(
        n_in,
        n_out,
        precision=PRECISION,
        kernel_init=jax.nn.initializers.glorot_uniform(),
        rngs=rngs,
    )


def max_pool(x: jax.Array) -> jax.Array:
    """3 x 3 max pool, stride 2, padding 1 (with minus infinity, as in PyTorch)."""
    # jax's own, because nnx.max_pool is annotated to take padding as a string only.
    return jax.lax.reduce_window(
        x,
        -jnp.inf,
        jax.lax.max,
        window_dimensions=(1, 3, 3, 1),
        window_strides=(1, 2, 2, 1),
        padding=((0, 0), (1, 1), (1, 1), (0, 0)),
    )


def channel_first(x: jax.Array) -> jax.Array:
    """Flatten ``(n, H, W, C)`` to ``(n, C * H * W)``, PyTorch's order of units."""
    return x.transpose(0, 3, 1, 2).reshape(x.shape[0], -1)
