"""Gradient ascent from noise to images that sets of units respond to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from tqdm.auto import tqdm

from ..images.steps import Preprocessing
from ..networks.layers import channel_first
from ..networks.network import Network, evaluate
from ..networks.registry import find
from .spectrum import noise_spectrum, pixels_of

ITERATIONS = 64
RATE = 0.05
# Images are shifted by up to this share of their side before every step, so that
# nothing depends on where exactly the windows of the network lie.
JITTER = 1 / 14


def synthesise(
    net: Network,
    layer: str,
    sets: Mapping[str, np.ndarray],
    *,
    preprocessing: Preprocessing | None = None,
    relu: bool = False,
    iterations: int = ITERATIONS,
    seed: int = 0,
    progress: bool = False,
) -> dict[str, np.ndarray]:
    r"""Images for which the mean response of sets of units is large.

    From noise, :math:`\max_x |S|^{-1} \sum_{k \in S} f_k(x)` by Adam, with x a spectrum
    (see :mod:`.spectrum`) and every step taken of the image shifted at random.

    Parameters
    ----------
    net : Network
    layer : str
    sets : mapping of str to ndarray of int
        Units of the layer, flattened channel-first as by :func:`activations`.
    preprocessing : Preprocessing, optional
        By default that of the network; the side of the images is what it makes.
    relu : bool
        Rectify the layer if a ReLU follows it immediately.
    iterations : int
    seed : int
        Of the noise, the same for all sets, and of the shifts.
    progress : bool
        Show a progress bar.

    Returns
    -------
    dict of ndarray of uint8 (side, side, 3)
        One image a set.

    Raises
    ------
    ValueError
        If the layer is not known, a set is empty or has units that the layer has not,
        or `iterations` is not positive.

    Examples
    --------
    >>> import jaxprune_ports as jpp
    >>> net, small = jpp.create("cornet_z"), jpp.Preprocessing(64, None)
    >>> found = synthesise(net, "IT", {"first": [0]}, preprocessing=small, iterations=2)
    >>> found["first"].shape, found["first"].dtype
    ((64, 64, 3), dtype('uint8'))
    """
    steps = preprocessing or find(net.name).preprocessing
    side = steps.crop or steps.size
    if side is None:
        raise ValueError(
            "preprocessing: it fixes no size of the images; expected size or crop."
        )
    if iterations < 1:
        raise ValueError(f"iterations={iterations}: expected at least 1.")
    layers = net.find(layer)
    graph, state = nnx.split(net)
    respond = partial(_responses, graph, layers, relu)
    shape = jax.ShapeDtypeStruct((1, side, side, 3), np.float32)
    n_units = jax.eval_shape(respond, state, shape).shape[1]
    weights = np.stack([_weights(name, u, n_units) for name, u in sets.items()])
    moved = np.asarray(steps.mean, np.float32), np.asarray(steps.std, np.float32)
    optimiser = optax.adam(RATE)

    def loss(spectrum: Any, state: Any, shift: Any, weights: Any) -> Any:
        pixels = jnp.roll(pixels_of(spectrum), shift, (1, 2))
        x = (pixels * 255 * steps.scale - moved[0]) / moved[1]
        return -jnp.sum(respond(state, x) * weights)

    @jax.jit
    def step(
        spectrum: Any, memory: Any, state: Any, shift: Any, weights: Any
    ) -> tuple[Any, Any]:
        gradient = jax.grad(loss)(spectrum, state, shift, weights)
        updates, memory = optimiser.update(gradient, memory)
        return optax.apply_updates(spectrum, updates), memory

    key = jax.random.key(seed)
    # The same noise for all sets: what differs between images is due to the units.
    one = noise_spectrum(key, 1, side)
    spectrum = jnp.repeat(one, len(sets), 0)
    memory = optimiser.init(spectrum)
    reach = max(int(side * JITTER), 1)
    shifts = np.random.default_rng(seed).integers(-reach, reach + 1, (iterations, 2))
    given = jnp.asarray(weights)
    for shift in tqdm(shifts, "synthesise", unit="step", disable=not progress):
        spectrum, memory = step(spectrum, memory, state, jnp.asarray(shift), given)
        # Or steps would be queued faster than they are taken.
        spectrum.block_until_ready()
    pixels = np.asarray(jnp.round(255 * pixels_of(spectrum))).astype(np.uint8)
    return dict(zip(sets, pixels, strict=True))


def _responses(
    graph: Any, layers: tuple[str, ...], relu: bool, state: Any, x: jax.Array
) -> jax.Array:
    (values,) = evaluate(graph, layers, state, x, relu)
    return channel_first(values)


def _weights(name: str, units: Any, n_units: int) -> np.ndarray:
    """What makes a mean over a set of units of all ``(N,)``."""
    index = np.asarray(units)
    if not index.size or index.min() < 0 or index.max() >= n_units:
        raise ValueError(
            f"sets[{name!r}]: expected some of the units 0 to {n_units - 1:,} of the "
            f"layer, got {index.size} units"
            + (f" up to {index.max():,}." if index.size else ".")
        )
    weights = np.zeros(n_units, np.float32)
    weights[index] = 1 / index.size
    return weights
