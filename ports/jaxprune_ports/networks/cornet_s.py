"""CORnet-S: areas that run for a few time steps, with a bottleneck and a skip."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import jax
from flax import nnx

from .cornet_z import PAPER, Decoder
from .layers import PRECISION, batch_norm, conv, he_normal, max_pool
from .network import LOGITS, Network, Spec

# Time steps of the recurrent areas.
TIMES = {"V2": 2, "V4": 4, "IT": 2}
# Convolutions have no bias: each but `conv_input` has a norm behind it.
plain = partial(conv, bias=False, weights=he_normal("fan_out"))


class Entry(nnx.Module):
    """V1: two convolutions with norms and ReLUs, a max pool between them."""

    def __init__(self, n_in: int, n_out: int, *, rngs: nnx.Rngs):
        self.conv1 = plain(n_in, n_out, 7, stride=2, rngs=rngs)
        self.norm1 = batch_norm(n_out, rngs=rngs)
        self.conv2 = plain(n_out, n_out, 3, rngs=rngs)
        self.norm2 = batch_norm(n_out, rngs=rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``(n, H, W, n_in)`` to ``(n, H / 4, W / 4, n_out)``, rounded up."""
        x = max_pool(nnx.relu(self.norm1(self.conv1(x))))
        return nnx.relu(self.norm2(self.conv2(x)))


class Area(nnx.Module):
    """Bottleneck with a skip, applied to its own output at every further time step.

    Time steps share the convolutions; each has norms of its own.
    """

    def __init__(self, n_in: int, n_out: int, times: int, *, rngs: nnx.Rngs):
        wide = 4 * n_out
        self.times = times
        self.conv_input = plain(n_in, n_out, 1, rngs=rngs)
        self.skip = plain(n_out, n_out, 1, stride=2, rngs=rngs)
        self.norm_skip = batch_norm(n_out, rngs=rngs)
        self.conv1 = plain(n_out, wide, 1, rngs=rngs)
        self.conv2 = plain(wide, wide, 3, rngs=rngs)
        self.conv3 = plain(wide, n_out, 1, rngs=rngs)
        for t in range(times):
            setattr(self, f"norm1_{t}", batch_norm(wide, rngs=rngs))
            setattr(self, f"norm2_{t}", batch_norm(wide, rngs=rngs))
            setattr(self, f"norm3_{t}", batch_norm(n_out, rngs=rngs))

    def __call__(
        self, x: jax.Array, kept: Callable[[int, jax.Array], jax.Array]
    ) -> list[jax.Array]:
        """Map ``(n, H, W, n_in)`` to ``(n, H / 2, W / 2, n_out)`` per time step.

        What one puts out is `kept` before the next gets it.
        """
        x = self.conv_input(x)
        outputs = []
        for t in range(self.times):
            first = t == 0
            skip = self.norm_skip(self.skip(x)) if first else x
            norm1, norm2, norm3 = (getattr(self, f"norm{i}_{t}") for i in (1, 2, 3))
            x = nnx.relu(norm1(self.conv1(x)))
            x = nnx.relu(norm2(_strided(self.conv2, x, 2 if first else 1)))
            x = kept(t, nnx.relu(norm3(self.conv3(x)) + skip))
            outputs.append(x)
        return outputs


def _strided(conv3x3: nnx.Conv, x: jax.Array, stride: int) -> jax.Array:
    """Apply a 3 x 3 convolution with this stride, whatever its own."""
    # Flax fixes the stride of a module, but time steps of one kernel differ in theirs.
    return jax.lax.conv_general_dilated(
        x,
        conv3x3.kernel[...],
        window_strides=(stride, stride),
        padding=((1, 1), (1, 1)),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
        precision=PRECISION,
    )


class CORnetS(Network):
    r"""CORnet-S with its published untrained weights.

    V2, V4 and IT run for 2, 4 and 2 time steps. Their outputs are

    .. math:: y_t = \mathrm{ReLU}(B_t(y_{t-1}) + S_t(y_{t-1})),

    where :math:`y_{-1}` is a 1 x 1 convolution of the last output of the area below,
    and :math:`B_t` three convolutions (1 x 1, 3 x 3, 1 x 1), each with a norm of its
    own for every time step. At t = 0 both terms halve the map, and :math:`S_0` is a
    1 x 1 convolution with a norm; later :math:`S_t` is the identity.

    ``V2`` is the output at the last time step, ``V2[0]`` that at the first; ``V2[1]``
    is another name of ``V2``.

    Attribute paths are the names of the official checkpoint: ``V2.norm1_0.scale`` is
    its ``V2.norm1_0.weight``.

    Parameters
    ----------
    n_classes : int
    rngs : nnx.Rngs
        Seed of the weights: convolutions from N(0, 2 / (kernel height * width *
        channels out)), norms 1 and 0, the linear layer PyTorch's default.

    References
    ----------
    .. [1] Kubilius et al. (2018), CORnet: modeling the neural mechanisms of core object
       recognition, bioRxiv 408385.

    Examples
    --------
    >>> from jaxprune_ports.networks.registry import find
    >>> find("cornet_s").taps["V4[0]"]
    (256, 14, 14)
    >>> net = find("cornet_s").abstract()
    >>> net.V2.norm1_0.scale.shape, net.aliases["V4[3]"]
    ((512,), 'V4')
    """

    stages = ("V1", *TIMES)
    layers = (
        "V1",
        *("V2[0]", "V2"),
        *("V4[0]", "V4[1]", "V4[2]", "V4"),
        *("IT[0]", "IT"),
        LOGITS,
    )
    aliases = {f"{area}[{times - 1}]": area for area, times in TIMES.items()}

    def __init__(self, n_classes: int = 1000, *, rngs: nnx.Rngs):
        self.V1 = Entry(3, 64, rngs=rngs)
        self.V2 = Area(64, 128, TIMES["V2"], rngs=rngs)
        self.V4 = Area(128, 256, TIMES["V4"], rngs=rngs)
        self.IT = Area(256, 512, TIMES["IT"], rngs=rngs)
        self.decoder = Decoder(512, n_classes, rngs=rngs)

    def forward(self, x: jax.Array) -> dict[str, jax.Array]:
        """Return V1, the other areas at every time step, and the logits."""
        x = self.kept("V1", self.V1(x))
        taps = {"V1": x}
        for area, times in TIMES.items():
            names = [*(f"{area}[{t}]" for t in range(times - 1)), area]
            outputs = getattr(self, area)(
                x, lambda t, values, names=names: self.kept(names[t], values)
            )
            taps |= zip(names, outputs, strict=True)
            x = outputs[-1]
        return taps | {LOGITS: self.kept(LOGITS, self.decoder(x))}


SPECS = (
    Spec(
        "cornet_s",
        CORnetS,
        paper=PAPER,
        licence="GPL-3.0",
        initialisation=(
            "convolutions N(0, 2 / (kernel height * width * channels out)), norms 1 "
            "and 0, the linear layer PyTorch's default U(-b, b), b = inputs ** -0.5"
        ),
        url="https://s3.amazonaws.com/cornet-models/cornet_s-1d3f7974.pth",
        sha256="1d3f7974",
    ),
)
