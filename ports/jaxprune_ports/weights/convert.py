"""Weights of a PyTorch checkpoint in a Flax network, strict in both directions."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence, Set
from os import PathLike
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax.extend.core import Literal

from jaxprune.base.paths import expanded

from ..networks.network import Network, Source, Spec, torch_name
from ..networks.registry import NETWORKS, find, named
from .files import read, sha256

# PyTorch's (out, in, height, width) and (out, in); vectors stay as they are.
FROM_TORCH_AXES = {4: (2, 3, 1, 0), 2: (1, 0), 1: (0,)}
# Counted in training, of no use after it.
IGNORED = "num_batches_tracked"
# Where checkpoints keep the weights, beside an optimiser and the like.
NESTED = ("state_dict", "model_state_dict", "model", "net")
# Parts of a name that wrappers add: DataParallel, around the network or in it (around
# the `features` of a VGG, say), and torch.compile.
WRAPPERS = ("module", "_orig_mod")
# Entries of a kind that a message names, before it counts.
FEW = 10


def from_torch(
    name: str,
    state_dict: str | PathLike[str] | Mapping[str, Any],
    partial: bool = False,
) -> Network:
    """Build a network with the weights of a PyTorch state dict.

    Parameters
    ----------
    name : str
        One of :func:`jaxprune_ports.available`.
    state_dict : path or mapping of str to array
        A ``.safetensors`` file, a ``.pth`` or ``.pt`` file (read with PyTorch,
        ``weights_only=True``), or its content: arrays or tensors by name. They may be
        nested under ``"state_dict"``, ``"model_state_dict"``, ``"model"`` or ``"net"``;
        the ``module.`` of ``DataParallel`` is removed from names. The number of classes
        is that of the last layer.
    partial : bool
        Allow weights to be missing, as in a trunk without a classifier. The network
        then has the layers that the rest can feed, and no others.

    Returns
    -------
    Network
        float32.

    Raises
    ------
    ValueError
        If the name is not known, the file cannot be read, or any entry is missing,
        unexpected, not finite or has another shape or type; one error names them.
    TypeError
        If `state_dict` is neither a path nor a mapping.
    FileNotFoundError
        If there is no such file.
    ImportError
        If a ``.pth`` file is given and PyTorch is not installed.

    Warns
    -----
    UserWarning
        If the file is the official checkpoint of another network, which happens to fit.

    Examples
    --------
    >>> from_torch("cornet_z", {"module.V1.conv.bias": np.zeros(3)})
    Traceback (most recent call last):
        ...
    ValueError: state_dict: does not fit cornet_z...
    >>> rng = np.random.default_rng(0)
    >>> weights = {"V1.conv.weight": rng.normal(size=(64, 3, 7, 7)),
    ...            "V1.conv.bias": np.zeros(64)}
    >>> from_torch("cornet_z", weights, partial=True).layers
    ('V1',)
    """
    spec = find(name)
    source = Source()
    if not isinstance(state_dict, Mapping):
        if not isinstance(state_dict, str | PathLike):
            raise TypeError(
                "state_dict: expected a file or weights by name, got a "
                f"{type(state_dict).__name__}; of a PyTorch network give "
                "network.state_dict()"
            )
        path = expanded(state_dict)
        state_dict = read(path)
        source = Source(path.name, sha256(path))
    entries = entries_of(state_dict)
    n_classes = _n_classes(spec, entries)
    check(name, _slots(spec.abstract(n_classes)), entries, partial)
    _warn_of_another(spec, source)
    return fill(
        spec,
        n_classes,
        lambda path: _to_flax(entries.get(torch_name(path))),
        source,
    )


def fill(
    spec: Spec,
    n_classes: int,
    weight: Callable[[Sequence[Any]], Any],
    source: Source,
) -> Network:
    """Make a network of its weights, with the layers that they can feed.

    Parameters
    ----------
    spec : Spec
    n_classes : int
    weight : callable
        From the path of a weight to its array, None where it is missing.
    source : Source
    """
    abstract = spec.abstract(n_classes)
    graph, state = nnx.split(abstract)
    flat, missing = [], []
    for path, leaf in nnx.to_flat_state(state):
        value = weight(path)
        if value is None:
            # Takes no memory, and shows wherever it is used after all.
            value = np.broadcast_to(np.float32(np.nan), leaf.shape)
            missing.append(torch_name(path))
        flat.append((path, leaf.replace(value)))
    net = named(nnx.merge(graph, nnx.from_flat_state(flat)), spec.name, source)
    if missing:
        net.missing = tuple(missing)
        fed = _fed(spec, abstract, net.missing)
        net.unfed = tuple(layer for layer in net.layers if layer not in fed)
        net.layers = fed
        net.stages = tuple(layer for layer in net.stages if layer in fed)
    return net


def entries_of(content: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Arrays by name, without wrapping and prefix."""
    while nested := [k for k in NESTED if isinstance(content.get(k), Mapping)]:
        content = content[nested[0]]
    entries, keys = {}, {}
    for key, value in content.items():
        name = without_wrappers(str(key))
        if name.endswith(IGNORED):
            continue
        if name in entries:
            raise ValueError(
                f"state_dict: {keys[name]} and {key} are both {name}; expected every "
                "weight once"
            )
        entries[name], keys[name] = _numpy(key, value), key
    return entries


def without_wrappers(name: str) -> str:
    """Name of a weight without what DataParallel and torch.compile put in it.

    >>> without_wrappers("module.features.module.0.weight")
    'features.0.weight'
    """
    return ".".join(part for part in name.split(".") if part not in WRAPPERS)


def _numpy(key: Any, value: Any) -> np.ndarray:
    """Array of a tensor, float32 unless it holds whole numbers."""
    if isinstance(value, Mapping):
        raise ValueError(
            f"state_dict: {key} holds further entries, expected weights by name, alone "
            f"or under one of {', '.join(NESTED)}; give the part with the weights"
        )
    if hasattr(value, "detach"):
        value = _of_tensor(key, value)
    if np.ma.isMaskedArray(value):
        raise ValueError(
            f"state_dict: {key} is masked; expected a value for each weight"
        )
    array = np.asarray(value)
    if np.iscomplexobj(array):
        raise ValueError(f"state_dict: {key} is complex; expected real weights")
    if jnp.issubdtype(array.dtype, jnp.floating):
        # What is too large becomes infinite, which is said below.
        with np.errstate(over="ignore"):
            return array.astype(np.float32)
    if array.dtype.kind not in "biu":
        kind = type(value).__name__
        raise ValueError(f"state_dict: {key} is a {kind}, expected an array of numbers")
    return array


def _of_tensor(key: Any, tensor: Any) -> np.ndarray:
    """Array of a tensor, wherever and however it is stored."""
    if getattr(tensor, "is_quantized", False):
        raise ValueError(
            f"state_dict: {key} is quantised ({tensor.dtype}); give the weights from "
            "before, or {name: weight.dequantize()} for each"
        )
    if getattr(tensor, "is_meta", False):
        raise ValueError(
            f"state_dict: {key} has a shape and no values (device meta); save the "
            "network after its weights were loaded"
        )
    try:
        tensor = tensor.detach().cpu().to_dense()
        # NumPy has no bfloat16, and no floats of 8 bits; all of them fit.
        return (tensor.float() if tensor.is_floating_point() else tensor).numpy()
    except (RuntimeError, TypeError) as error:
        raise ValueError(
            f"state_dict: {key} is a tensor of {tensor.dtype} that NumPy cannot hold; "
            "save it as float32"
        ) from error


def _n_classes(spec: Spec, entries: Mapping[str, np.ndarray]) -> int:
    """Number of classes of a checkpoint, that of the spec if it does not tell."""
    biases = entries.get(f"{spec.head}.bias")
    return len(biases) if biases is not None and biases.ndim == 1 else spec.n_classes


def _slots(abstract: Network) -> dict[str, tuple[int, ...]]:
    """Shapes of all weights by name, both in PyTorch's terms."""
    flat = nnx.to_flat_state(nnx.split(abstract)[1])
    return {torch_name(path): _torch_shape(leaf.shape) for path, leaf in flat}


def _to_flax(array: np.ndarray | None) -> jax.Array | None:
    """Array in Flax's order of axes; None stays None."""
    if array is None:
        return None
    return jnp.asarray(array.transpose(FROM_TORCH_AXES[array.ndim]))


def _torch_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Shape of a Flax array in PyTorch's order of axes."""
    axes = np.argsort(FROM_TORCH_AXES[len(shape)])
    return tuple(shape[axis] for axis in axes)


def check(
    name: str,
    slots: Mapping[str, tuple[int, ...]],
    entries: Mapping[str, np.ndarray],
    partial: bool = False,
    whole: Set[str] = frozenset(),
) -> None:
    """Raise one error that says of each kind what does not fit.

    Parameters
    ----------
    name : str
        Of the network.
    slots : mapping of str to tuple
        Shapes of its weights.
    entries : mapping of str to ndarray
    partial : bool
        Weights may be missing.
    whole : set of str
        Those that hold whole numbers.
    """
    problems = {
        "unexpected": [f"{k} {v.shape}" for k, v in entries.items() if k not in slots]
    }
    present = {k: entries[k] for k in slots if k in entries}
    problems["shape"] = [
        f"{key} is {value.shape}, expected {slots[key]}"
        for key, value in present.items()
        if value.shape != slots[key]
    ]
    problems["type"] = [
        f"{key} is {value.dtype}, expected floats; it may be quantised"
        for key, value in present.items()
        if value.dtype.kind != "f" and key not in whole
    ]
    problems["not finite"] = [
        f"{key} holds NaN or infinite values"
        for key, value in present.items()
        if not np.isfinite(value).all()
    ]
    missing = [f"{k} {v}" for k, v in slots.items() if k not in entries]
    advice = "is it a checkpoint of this network, with all of its layers?"
    if missing and not any(problems.values()):
        advice += " If it holds a part on purpose, allow that with partial=True."
    if len(missing) == len(slots):
        advice = "none of its entries is one of this network."
    elif partial:
        missing = []
    lines = [
        line
        for kind, found in {"missing": missing, **problems}.items()
        for line in _few(kind, found)
    ]
    if lines:
        raise ValueError(
            "\n".join([f"state_dict: does not fit {name}; {advice}", *lines])
        )


def _few(kind: str, found: Sequence[str]) -> list[str]:
    """Lines that name some, and count the others."""
    lines = [f"  {kind}: {one}" for one in found[:FEW]]
    more = len(found) - FEW
    return [*lines, f"  {kind}: {more:,} more"] if more > 0 else lines


def _warn_of_another(spec: Spec, source: Source) -> None:
    """Warn if names and shapes fit, but the file belongs to another network.

    CORnet-R and -RT differ in nothing but the order of their time steps.
    """
    for other in NETWORKS.values():
        if other is spec or other.sha256 is None or source.sha256 is None:
            continue
        if source.sha256.startswith(other.sha256):
            warnings.warn(
                f"weights: {source.file} is the official checkpoint of {other.name}, "
                f"and fits {spec.name} too; is {spec.name} the network that is meant?",
                stacklevel=3,
            )


def _fed(spec: Spec, abstract: Network, missing: Sequence[str]) -> tuple[str, ...]:
    """Layers that need none of the missing weights."""
    graph, state = nnx.split(abstract)
    flat = list(nnx.to_flat_state(state))
    size = spec.input_size
    image = jax.ShapeDtypeStruct((1, size, size, 3), jnp.float32)

    def forward(values: list[jax.Array], x: jax.Array) -> list[jax.Array]:
        pairs = zip(flat, values, strict=True)
        full = [(path, leaf.replace(value)) for (path, leaf), value in pairs]
        taps = nnx.merge(graph, nnx.from_flat_state(full)).forward(x)
        return [taps[layer] for layer in abstract.layers]

    shapes = [jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) for _, leaf in flat]
    program = jax.make_jaxpr(forward)(shapes, image).jaxpr
    # Everything that a missing weight reaches, from one operation to the next.
    reached = {
        variable
        for variable, (path, _) in zip(program.invars, flat, strict=False)
        if torch_name(path) in missing
    }
    for operation in program.eqns:
        # Constants in the program are unhashable, and reached by nothing.
        inputs = {v for v in operation.invars if not isinstance(v, Literal)}
        if inputs & reached:
            reached.update(operation.outvars)
    return tuple(
        layer
        for layer, out in zip(abstract.layers, program.outvars, strict=True)
        if out not in reached
    )
