"""Activations of many images, batch by batch, in PyTorch's order of units."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import jax
import numpy as np
from flax import nnx

from jaxprune.io.labelled import some

from ..images.images import Images
from ..images.opening import open_images
from ..images.steps import Preprocessing
from ..networks.layers import channel_first
from ..networks.network import Network, evaluate
from .moments import Moments
from .streaming import flatten, stream


def activations(
    net: Network,
    x: np.ndarray,
    layers: Sequence[str] | None = None,
    batch_size: int | None = None,
    progress: bool = False,
    preprocessing: Preprocessing | None = None,
    relu: bool = False,
) -> dict[str, np.ndarray]:
    """Responses of every unit to every image.

    Parameters
    ----------
    net : Network
    x : ndarray of float32 (n, H, W, 3), or of uint8 (n, H, W) or (n, H, W, 3)
        Preprocessed images; those of 8 bits are preprocessed here.
    layers : sequence of str, optional
        Layers wanted; all of them by default.
    batch_size : int, optional
        Images computed at a time; by default 8 on a CPU and 32 elsewhere.
    progress : bool
        Show a progress bar.
    preprocessing : Preprocessing, optional
        Of images of 8 bits, by default that of the network.
    relu : bool
        Rectify the layers that a ReLU follows immediately.

    Returns
    -------
    dict of ndarray (n, units), float32
        Units flattened channel-first, ``(C, H, W)``, as PyTorch does.

    Raises
    ------
    ValueError
        If there is no image or it has another shape, a layer is not known, or
        ``batch_size`` is not positive.

    Examples
    --------
    >>> import jaxprune_ports as jpp
    >>> images = np.zeros((3, 64, 64), np.uint8)
    >>> net, as_they_are = jpp.create("cornet_z"), jpp.Preprocessing(None, None)
    >>> out = activations(net, images, ["V4", "IT"], preprocessing=as_they_are)
    >>> {layer: value.shape for layer, value in out.items()}
    {'V4': (3, 4096), 'IT': (3, 2048)}
    """
    images = _images(x)
    options = {"preprocessing": preprocessing, "relu": relu, "progress": progress}
    out: dict[str, np.ndarray] = {}
    for batch, values in stream(net, images, layers, batch_size=batch_size, **options):
        for layer, value in values.items():
            units = flatten(value)
            if layer not in out:
                out[layer] = np.empty((len(x), units.shape[1]), np.float32)
            out[layer][batch.rows] = units
    return out


def condition_means(
    net: Network,
    images: np.ndarray,
    condition: np.ndarray,
    layers: Sequence[str] | None = None,
    batch_size: int | None = None,
    progress: bool = False,
    preprocessing: Preprocessing | None = None,
    relu: bool = False,
) -> dict[str, np.ndarray]:
    """Mean response of every unit to the images of every condition.

    Means are updated per condition, in float64; memory does not grow with the number
    of images. See :func:`extract` for images in files.

    Parameters
    ----------
    net, images, layers, batch_size, progress, preprocessing, relu
        As for :func:`activations`.
    condition : array-like of int (n,)
        Condition of every image, from 0 to the number of conditions - 1.

    Returns
    -------
    dict of ndarray (n_conditions, units), float64
        Units flattened channel-first, ``(C, H, W)``.

    Raises
    ------
    ValueError
        As for :func:`activations`, and if ``condition`` has another length or leaves a
        condition without images.

    Examples
    --------
    >>> import jaxprune_ports as jpp
    >>> images = np.zeros((4, 64, 64), np.uint8)
    >>> means = condition_means(jpp.create("cornet_z"), images, [0, 0, 1, 1], ["IT"])
    >>> means["IT"].shape  # images were resized to 224 pixels
    (2, 25088)
    """
    condition = np.asarray(condition)
    k = _n_conditions(condition, len(images))
    options = {"preprocessing": preprocessing, "relu": relu, "progress": progress}
    moments: dict[str, Moments] = {}
    for batch, values in stream(
        net, _images(images), layers, batch_size=batch_size, **options
    ):
        for layer, value in values.items():
            if layer not in moments:
                moments[layer] = Moments.zeros(k, value.shape[1:])
            moments[layer].add(condition[batch.rows], value)
    # Reordering the few means is cheaper than reordering every batch.
    return {layer: flatten(found.mean) for layer, found in moments.items()}


def responder(
    net: Network, layer: str, relu: bool = False
) -> Callable[[jax.Array], jax.Array]:
    """Return the function from images to the units of a layer, all on the device.

    Parameters
    ----------
    net : Network
    layer : str
    relu : bool
        Rectify the layer if a ReLU follows it immediately.

    Returns
    -------
    callable
        From preprocessed images ``(n, H, W, 3)`` to ``(n, units)``, flattened
        channel-first as by :func:`activations`; what
        :func:`jaxprune.heatmaps.occlusion_map` takes.

    Raises
    ------
    ValueError
        If the layer is not known.

    Examples
    --------
    >>> import jaxprune_ports as jpp
    >>> respond = responder(jpp.create("cornet_z"), "IT")
    >>> respond(np.zeros((2, 64, 64, 3), np.float32)).shape
    (2, 2048)
    """
    layers = net.find(layer)
    if len(layers) > 1:
        raise ValueError(f"layer: expected one, got {layer!r}")
    graph, state = nnx.split(net)

    def respond(x: jax.Array) -> jax.Array:
        (values,) = evaluate(graph, layers, state, x, relu)
        return channel_first(values)

    return respond


def _n_conditions(condition: np.ndarray, n_images: int) -> int:
    """Number of conditions, all of which have images."""
    if condition.shape != (n_images,) or condition.dtype.kind not in "iu":
        raise ValueError(
            f"condition: expected one integer for each of {n_images} images, got "
            f"{condition.dtype} of shape {condition.shape}"
        )
    if n_images and condition.min() < 0:
        raise ValueError(f"condition: expected 0, 1, 2, ..., got {condition.min()}")
    counts = np.bincount(condition)
    if not counts.all():
        absent = np.flatnonzero(counts == 0).tolist()
        raise ValueError(
            f"condition: no image belongs to {absent}; number the conditions from 0 "
            "without holes"
        )
    return len(counts)


def _images(x: np.ndarray) -> Images:
    """Wrap images of 8 bits, or preprocessed ones, checked."""
    if not hasattr(x, "dtype"):
        raise ValueError(
            f"images: expected an array, got a {type(x).__name__}; open files with "
            "open_images or preprocess, or see extract"
        )
    if len(x) == 0:
        raise ValueError("images: expected at least one image, got none")
    if x.dtype == np.uint8:
        return open_images(x)
    # Whole numbers have not been preprocessed, whatever their type.
    if x.ndim != 4 or x.shape[-1] != 3 or x.dtype.kind in "biu":
        raise ValueError(
            "images: expected uint8, or preprocessed ones of float32 and shape (n, "
            f"height, width, 3), got {x.dtype} of shape {x.shape}; see preprocess"
        )
    spoilt = [i for i, image in enumerate(x) if not np.isfinite(image).all()]
    if spoilt:
        raise ValueError(
            f"images: {len(spoilt)} of {len(x)} hold NaN or infinite values, those of "
            f"numbers {some(spoilt)}; leave them out, or mend what was done with them"
        )
    names = tuple(map(str, range(len(x))))
    return Images("an array", names, None, None, x.__getitem__)
