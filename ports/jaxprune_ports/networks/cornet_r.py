"""CORnet-R and CORnet-RT: four areas that keep a state, over five time steps."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx

from .cornet_z import PAPER, Decoder
from .layers import conv, group_norm
from .network import LOGITS, Network, Spec

AREAS = ("V1", "V2", "V4", "IT")
TIMES = 5
LAST = TIMES - 1


class Area(nnx.Module):
    """Input stage, to which the state is added; what follows is the next state."""

    def __init__(
        self, n_in: int, n_out: int, kernel: int, stride: int, *, rngs: nnx.Rngs
    ):
        self.conv_input = conv(n_in, n_out, kernel, stride=stride, rngs=rngs)
        self.norm_input = group_norm(n_out, rngs=rngs)
        self.conv1 = conv(n_out, n_out, 3, bias=False, rngs=rngs)
        self.norm1 = group_norm(n_out, rngs=rngs)

    def receive(self, x: jax.Array) -> jax.Array:
        """Input stage: map ``(n, H, W, n_in)`` to ``(n, H', W', n_out)``."""
        return nnx.relu(self.norm_input(self.conv_input(x)))

    def silence(self, x: jax.Array) -> jax.Array:
        """Zeros in the shape of the input stage's output."""
        return jnp.zeros_like(jax.eval_shape(self.conv_input, x))

    def __call__(self, received: jax.Array, state: jax.Array | float) -> jax.Array:
        """Output and next state ``(n, H', W', n_out)``."""
        return nnx.relu(self.norm1(self.conv1(received + state)))


class CORnetR(Network):
    """CORnet-R: the image passes all areas within each time step.

    With :math:`I_a` the input stage of area a and :math:`G_a` what follows it, the
    output of the area at time t is

    .. math:: x_a(t) = G_a(I_a(x_{a-1}(t)) + x_a(t - 1)),

    where the area below V1 is the image at every time step. At t = 0 there is no state
    yet, and areas above V1 get zeros in place of :math:`I_a`, in the shape that it has
    for this size of image. Their outputs are the same at all positions and for all
    images then.

    ``V1`` is the output at the last of 5 time steps, ``V1[0]`` to ``V1[3]`` those
    before; ``V1[4]`` is another name of ``V1``.

    Attribute paths are the names of the official checkpoint: ``V1.norm1.scale`` is its
    ``V1.norm1.weight``.

    Parameters
    ----------
    n_classes : int
    rngs : nnx.Rngs
        Seed of the weights. No initialisation is published; they are PyTorch's
        defaults.

    References
    ----------
    .. [1] Kubilius et al. (2018), CORnet: modeling the neural mechanisms of core object
       recognition, bioRxiv 408385.

    Examples
    --------
    >>> from jaxprune_ports.networks.registry import find
    >>> net, taps = find("cornet_r").abstract(), find("cornet_r").taps
    >>> taps["IT[0]"], taps["IT"], net.aliases["IT[4]"]
    ((512, 7, 7), (512, 7, 7), 'IT')
    """

    stages = AREAS
    layers = (
        *(f"{area}[{t}]" for t in range(LAST) for area in AREAS),
        *AREAS,
        LOGITS,
    )
    aliases = {f"{area}[{LAST}]": area for area in AREAS}

    def __init__(self, n_classes: int = 1000, *, rngs: nnx.Rngs):
        self.V1 = Area(3, 64, 7, 4, rngs=rngs)
        self.V2 = Area(64, 128, 3, 2, rngs=rngs)
        self.V4 = Area(128, 256, 3, 2, rngs=rngs)
        self.IT = Area(256, 512, 3, 2, rngs=rngs)
        self.decoder = Decoder(512, n_classes, rngs=rngs)

    def forward(self, x: jax.Array) -> dict[str, jax.Array]:
        """Return the four areas at every time step, and the logits."""
        outputs = self._begin(x)
        taps = dict(outputs)
        for t in range(1, TIMES):
            outputs = self._step(x, list(outputs.values()), t)
            taps |= outputs
        return taps | {LOGITS: self.kept(LOGITS, self.decoder(outputs["IT"]))}

    def _areas(self, t: int) -> list[tuple[str, Area]]:
        """Areas, and the names of what they put out at a time step."""
        step = "" if t == LAST else f"[{t}]"
        return [(area + step, getattr(self, area)) for area in AREAS]

    def _begin(self, x: jax.Array) -> dict[str, jax.Array]:
        """Outputs of the areas at t = 0."""
        outputs: dict[str, jax.Array] = {}
        for name, area in self._areas(0):
            received = area.silence(x) if outputs else area.receive(x)
            x = outputs[name] = self.kept(name, area(received, 0.0))
        return outputs

    def _step(
        self, x: jax.Array, before: list[jax.Array], t: int
    ) -> dict[str, jax.Array]:
        """Outputs of the areas, given the image and those one time step before."""
        outputs = {}
        for (name, area), state in zip(self._areas(t), before, strict=True):
            x = outputs[name] = self.kept(name, area(area.receive(x), state))
        return outputs


class CORnetRT(CORnetR):
    """CORnet-RT: the image passes one area per time step.

    As :class:`CORnetR`, with the same weights, but

    .. math:: x_a(t) = G_a(I_a(x_{a-1}(t - 1)) + x_a(t - 1)):

    what V1 makes of the image at t = 0 is in IT at t = 3.

    Parameters
    ----------
    n_classes : int
    rngs : nnx.Rngs
        Seed of the weights, as for :class:`CORnetR`.

    References
    ----------
    .. [1] Kubilius et al. (2018), CORnet: modeling the neural mechanisms of core object
       recognition, bioRxiv 408385.

    Examples
    --------
    >>> from jaxprune_ports.networks.registry import find
    >>> find("cornet_rt").taps["V2[1]"]
    (128, 28, 28)
    """

    def _step(
        self, x: jax.Array, before: list[jax.Array], t: int
    ) -> dict[str, jax.Array]:
        """Outputs of the areas, given the image and those one time step before."""
        below = (x, *before[:-1])
        return {
            name: self.kept(name, area(area.receive(b), state))
            for (name, area), b, state in zip(
                self._areas(t), below, before, strict=True
            )
        }


INITIALISATION = (
    "none is published; PyTorch's defaults: U(-b, b), b = fan_in ** -0.5, norms 1 and 0"
)

SPECS = (
    Spec(
        "cornet_r",
        CORnetR,
        paper=PAPER,
        licence="GPL-3.0",
        initialisation=INITIALISATION,
        url="https://s3.amazonaws.com/cornet-models/cornet_r-5930a990.pth",
        sha256="5930a990",
    ),
    Spec(
        "cornet_rt",
        CORnetRT,
        paper=PAPER,
        licence="GPL-3.0",
        initialisation=INITIALISATION,
        url="https://s3.amazonaws.com/cornet-models/cornet_rt-933c001c.pth",
        sha256="933c001c",
    ),
)
