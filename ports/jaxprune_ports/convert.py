"""Weights of a PyTorch checkpoint in a Flax network, strict in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

import jax.numpy as jnp
import numpy as np
from flax import nnx

from .registry import find

# Names that differ; the rest of a path is the same on both sides.
TORCH_LEAF = {"kernel": "weight"}
# PyTorch's (out, in, height, width) and (out, in); vectors stay as they are.
FROM_TORCH_AXES = {4: (2, 3, 1, 0), 2: (1, 0), 1: (0,)}


def from_torch(
    name: str, state_dict: str | PathLike[str] | Mapping[str, Any]
) -> nnx.Module:
    """Build a network with the weights of a PyTorch state dict.

    Parameters
    ----------
    name : str
        One of :func:`jaxprune_ports.available`.
    state_dict : path or mapping of str to array
        A ``.pth`` file (read with PyTorch, ``weights_only=True``), or its content:
        arrays or tensors by name. A nested ``"state_dict"`` and the ``module.`` prefix
        of ``DataParallel`` are removed.

    Returns
    -------
    nnx.Module
        The network, float32.

    Raises
    ------
    ValueError
        If the name is not known, or any entry is missing, unexpected or has another
        shape; one error lists all of them.
    ImportError
        If a path is given and PyTorch is not installed.

    Examples
    --------
    >>> from_torch("cornet_z", {"module.V1.conv.bias": np.zeros(3)})
    Traceback (most recent call last):
        ...
    ValueError: state_dict: does not fit cornet_z...
    """
    build = find(name).build
    entries = _entries(state_dict)
    graph, abstract = nnx.split(nnx.eval_shape(lambda: build(nnx.Rngs(0))))
    slots = {_torch_name(path): (path, leaf) for path, leaf in _flat(abstract)}
    _check(name, {key: leaf.shape for key, (_, leaf) in slots.items()}, entries)
    flat = [
        (path, leaf.replace(jnp.asarray(_to_flax(entries[key]))))
        for key, (path, leaf) in slots.items()
    ]
    return nnx.merge(graph, nnx.from_flat_state(flat))


def _entries(source: str | PathLike[str] | Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Arrays by name, without wrapping and prefix."""
    content = source if isinstance(source, Mapping) else _load(source)
    nested = content.get("state_dict", content)
    return {key.removeprefix("module."): _numpy(nested[key]) for key in nested}


def _load(path: str | PathLike[str]) -> Mapping[str, Any]:
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            f"state_dict: reading {path} needs PyTorch; install jaxprune[torch], or "
            "pass a mapping of names to arrays"
        ) from error
    return torch.load(path, map_location="cpu", weights_only=True)


def _numpy(value: Any) -> np.ndarray:
    """Array of a tensor, which need not be on the CPU or in a dtype NumPy has."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().float().numpy()
    return np.asarray(value, np.float32)


def _to_flax(array: np.ndarray) -> np.ndarray:
    return array.transpose(FROM_TORCH_AXES[array.ndim])


def _torch_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Shape of a Flax array in PyTorch's order of axes."""
    axes = np.argsort(FROM_TORCH_AXES[len(shape)])
    return tuple(shape[axis] for axis in axes)


def _torch_name(path: tuple[Any, ...]) -> str:
    *modules, leaf = map(str, path)
    return ".".join([*modules, TORCH_LEAF.get(leaf, leaf)])


def _flat(state: Any) -> list[tuple[tuple[Any, ...], Any]]:
    return list(nnx.to_flat_state(state))


def _check(
    name: str,
    shapes: dict[str, tuple[int, ...]],
    entries: dict[str, np.ndarray],
) -> None:
    """Raise one error that lists everything that does not fit."""
    expected = {key: _torch_shape(shape) for key, shape in shapes.items()}
    problems = [
        f"  missing: {key} {shape}"
        for key, shape in expected.items()
        if key not in entries
    ]
    problems += [
        f"  unexpected: {key} {value.shape}"
        for key, value in entries.items()
        if key not in expected
    ]
    problems += [
        f"  shape: {key} is {entries[key].shape}, expected {shape}"
        for key, shape in expected.items()
        if key in entries and entries[key].shape != shape
    ]
    if problems:
        raise ValueError(
            f"state_dict: does not fit {name}; is it a checkpoint of this network, "
            "with all of its layers?\n" + "\n".join(problems)
        )
