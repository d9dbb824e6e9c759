"""Weights of a PyTorch checkpoint in a Flax network, strict in both directions."""

from __future__ import annotations

import hashlib
import pickle
import warnings
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax.extend.core import Literal

from ..networks.network import Network, Source, Spec
from ..networks.registry import NETWORKS, find, named

# Names that differ; the rest of a path is the same on both sides.
TORCH_LEAF = {
    "kernel": "weight",
    "scale": "weight",
    "mean": "running_mean",
    "var": "running_var",
}
# PyTorch's (out, in, height, width) and (out, in); vectors stay as they are.
FROM_TORCH_AXES = {4: (2, 3, 1, 0), 2: (1, 0), 1: (0,)}
# Counted in training, of no use after it.
IGNORED = "num_batches_tracked"
# Where checkpoints keep the weights, beside an optimiser and the like.
NESTED = ("state_dict", "model_state_dict", "model", "net")
# Parts of a name that wrappers add: DataParallel, around the network or in it (around
# the `features` of a VGG, say), and torch.compile.
WRAPPERS = ("module", "_orig_mod")


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
        unexpected, not finite or has another shape; one error lists all of them.
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
        path = Path(state_dict).expanduser()
        state_dict = read(path)
        source = Source(path.name, sha256(path))
    entries = _entries(state_dict)
    n_classes = _n_classes(spec, entries)
    _check(spec, _slots(spec.abstract(n_classes)), entries, partial)
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
    return net


def torch_name(path: Sequence[Any]) -> str:
    """PyTorch name of the weight at a path of a Flax network.

    >>> torch_name(("features", 0, "kernel"))
    'features.0.weight'
    """
    *modules, leaf = map(str, path)
    return ".".join([*modules, TORCH_LEAF.get(leaf, leaf)])


def read(path: Path) -> Mapping[str, Any]:
    """Content of a checkpoint file; errors as for :func:`from_torch`."""
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "does not exist"
        raise FileNotFoundError(
            f"weights: {path} {found}; expected a .pth, .pt or .safetensors file"
        )
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise ValueError(
            f"weights: {path} ends in {path.suffix or 'nothing'!r}; expected "
            f"{', '.join(READERS)}; rename it if that is what it holds (.pth.tar, say)"
        )
    content = reader(path)
    if not isinstance(content, Mapping):
        raise ValueError(
            f"weights: {path} holds a {type(content).__name__}, expected weights by "
            "name; save network.state_dict()"
        )
    return content


def _read_torch(path: Path) -> Any:
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            f"weights: reading {path} needs PyTorch; install jaxprune[torch], convert "
            "it to .safetensors, or pass a mapping of names to arrays"
        ) from error
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(
            f"weights: {path} is damaged, or holds more than weights (a whole network, "
            "say, which would run its code when it is read); save its state_dict() "
            f"with torch.save. PyTorch: {_first_line(error)}"
        ) from error
    except (RuntimeError, EOFError, OSError) as error:
        raise ValueError(
            f"weights: {path} could not be read; is it complete? PyTorch: "
            f"{_first_line(error)}"
        ) from error


def _read_safetensors(path: Path) -> Any:
    from safetensors import SafetensorError
    from safetensors.flax import load_file

    try:
        return load_file(path)
    # AttributeError: a dtype that it does not know, of 8 bits say.
    except (SafetensorError, AttributeError) as error:
        raise ValueError(
            f"weights: {path} could not be read; is it complete? safetensors: {error}"
        ) from error


READERS = {
    ".pth": _read_torch,
    ".pt": _read_torch,
    ".safetensors": _read_safetensors,
}


def _first_line(error: BaseException) -> str:
    """Begin of another library's message, its type where there is none."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def sha256(path: Path) -> str:
    """Hash of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _entries(content: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Arrays by name, without wrapping and prefix."""
    while nested := [k for k in NESTED if isinstance(content.get(k), Mapping)]:
        content = content[nested[0]]
    entries, keys = {}, {}
    for key, value in content.items():
        name = ".".join(part for part in str(key).split(".") if part not in WRAPPERS)
        if name.endswith(IGNORED):
            continue
        if name in entries:
            raise ValueError(
                f"state_dict: {keys[name]} and {key} are both {name}; expected every "
                "weight once"
            )
        entries[name], keys[name] = _numpy(key, value), key
    return entries


def _numpy(key: Any, value: Any) -> np.ndarray:
    """Array of a tensor, which need not be on the CPU or in a dtype NumPy has."""
    if isinstance(value, Mapping):
        raise ValueError(
            f"state_dict: {key} holds further entries, expected weights by name, alone "
            f"or under one of {', '.join(NESTED)}; give the part with the weights"
        )
    if hasattr(value, "detach"):
        value = value.detach().cpu().float().numpy()
    try:
        return np.asarray(value, np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"state_dict: {key} is a {type(value).__name__}, expected an array"
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


def _check(
    spec: Spec,
    slots: Mapping[str, tuple[int, ...]],
    entries: Mapping[str, np.ndarray],
    partial: bool,
) -> None:
    """Raise one error that lists everything that does not fit."""
    missing = [f"  missing: {k} {v}" for k, v in slots.items() if k not in entries]
    problems = [
        f"  unexpected: {key} {value.shape}"
        for key, value in entries.items()
        if key not in slots
    ]
    problems += [
        f"  shape: {key} is {entries[key].shape}, expected {shape}"
        for key, shape in slots.items()
        if key in entries and entries[key].shape != shape
    ]
    problems += [
        f"  not finite: {key} holds NaN or infinite values"
        for key in slots
        if key in entries and not np.isfinite(entries[key]).all()
    ]
    advice = "is it a checkpoint of this network, with all of its layers?"
    if missing and not problems:
        advice += " If it holds a part on purpose, allow that with partial=True."
    if len(missing) == len(slots):
        advice = "none of its entries is one of this network."
    elif partial:
        missing = []
    if missing or problems:
        raise ValueError(
            f"state_dict: does not fit {spec.name}; {advice}\n"
            + "\n".join(missing + problems)
        )


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
