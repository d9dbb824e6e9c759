"""CORnet-Z: four areas of one convolution each."""

from __future__ import annotations

import jax
from flax import nnx

from .layers import conv, linear, max_pool


class Area(nnx.Module):
    """Convolution, ReLU, max pool; the output is after the pool."""

    def __init__(
        self, n_in: int, n_out: int, kernel: int, stride: int, *, rngs: nnx.Rngs
    ):
        self.conv = conv(n_in, n_out, kernel, stride, rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``(n, H, W, n_in)`` to ``(n, H', W', n_out)``."""
        return max_pool(nnx.relu(self.conv(x)))


class Decoder(nnx.Module):
    """Average over positions, then a linear layer."""

    def __init__(self, n_in: int, n_out: int, *, rngs: nnx.Rngs):
        self.linear = linear(n_in, n_out, rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``(n, H, W, n_in)`` to ``(n, n_out)``."""
        return self.linear(x.mean((1, 2)))


class CORnetZ(nnx.Module):
    """CORnet-Z with its published untrained weights: Xavier-uniform, biases 0.

    Attribute paths are the names of the official checkpoint: ``V1.conv.kernel`` is its
    ``V1.conv.weight``.

    Parameters
    ----------
    rngs : nnx.Rngs
        Seed of the weights.

    References
    ----------
    .. [1] Kubilius et al. (2018), CORnet: modeling the neural mechanisms of core object
       recognition, bioRxiv 408385.

    Examples
    --------
    >>> import jax
    >>> net = CORnetZ(nnx.Rngs(0))
    >>> logits, areas = net(jax.numpy.zeros((1, 64, 64, 3)))
    >>> logits.shape, areas["IT"].shape
    ((1, 1000), (1, 2, 2, 512))
    """

    layers = ("V1", "V2", "V4", "IT")

    def __init__(self, rngs: nnx.Rngs):
        self.V1 = Area(3, 64, 7, 2, rngs=rngs)
        self.V2 = Area(64, 128, 3, 1, rngs=rngs)
        self.V4 = Area(128, 256, 3, 1, rngs=rngs)
        self.IT = Area(256, 512, 3, 1, rngs=rngs)
        self.decoder = Decoder(512, 1000, rngs=rngs)

    def __call__(self, x: jax.Array) -> tuple[jax.Array, dict[str, jax.Array]]:
        """Logits, and the output of every area.

        Parameters
        ----------
        x : Array (n, H, W, 3)
            Preprocessed images, float32.

        Returns
        -------
        logits : Array (n, 1000)
            Class scores.
        areas : dict of Array (n, h, w, channels)
            Outputs of V1, V2, V4 and IT after their pools; at 224 pixels
            56 x 56 x 64, 28 x 28 x 128, 14 x 14 x 256 and 7 x 7 x 512.
        """
        v1 = self.V1(x)
        v2 = self.V2(v1)
        v4 = self.V4(v2)
        it = self.IT(v4)
        return self.decoder(it), {"V1": v1, "V2": v2, "V4": v4, "IT": it}
