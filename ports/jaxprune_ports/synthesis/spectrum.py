"""Images as spectra: gradient ascent on frequencies makes smooth pictures.

The gradient of a network with respect to pixels is mostly noise of high frequency, and
of colours that no photograph has. Steps in the Fourier domain, where frequency f counts
with weight 1 / f and colours count less than luminance, as they do in photographs,
suppress both. Such an image is periodic: shifted, it has no edge.

Olah, Mordvintsev & Schubert (2017). Feature visualization. Distill,
https://doi.org/10.23915/distill.00007. Mordvintsev, Pezzotti, Schubert & Olah (2018).
Differentiable image parameterizations. Distill,
https://doi.org/10.23915/distill.00012. Ruderman, Cronin & Chiao (1998). Statistics of
cone responses to natural images. J. Opt. Soc. Am. A 15(8), 2036-2045, has the axes.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

# Amplitude of the noise to begin with: nearly grey.
NOISE = 0.01
# Luminance, yellow against blue, red against green: rows of unit length, and the share
# that each has in an image.
AXES = np.array([[1, 1, 1], [1, 1, -2], [1, -1, 0]]) / np.sqrt([[3], [6], [2]])
SHARES = np.array([1, 0.4, 0.2])
CONTRAST = 0.4


def noise_spectrum(key: jax.Array, n: int, side: int) -> jax.Array:
    """Random spectra ``(n, side, side // 2 + 1, 3, 2)``, real and imaginary parts."""
    return NOISE * jax.random.normal(key, (n, side, side // 2 + 1, 3, 2))


def pixels_of(spectrum: jax.Array) -> jax.Array:
    """Pixels ``(n, side, side, 3)`` in 0..1 of spectra.

    >>> pixels = pixels_of(noise_spectrum(jax.random.key(0), 1, 16))
    >>> pixels.shape, bool((pixels > 0).all() and (pixels < 1).all())
    ((1, 16, 16, 3), True)
    """
    side = spectrum.shape[1]
    f = jnp.hypot(jnp.fft.fftfreq(side)[:, None], jnp.fft.rfftfreq(side)[None])
    weight = 1 / jnp.maximum(f, 1 / side)
    waves = jax.lax.complex(spectrum[..., 0], spectrum[..., 1])
    image = jnp.fft.irfft2(
        waves * weight[..., None], (side, side), (1, 2), norm="ortho"
    )
    colours = jnp.asarray(CONTRAST * SHARES[:, None] * AXES, image.dtype)
    return jax.nn.sigmoid(image @ colours)
