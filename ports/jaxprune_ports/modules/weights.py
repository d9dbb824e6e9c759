"""Weights of a file, or random ones, in a module of PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from jaxprune.base.paths import expanded

from ..networks.network import Source
from ..weights.convert import IGNORED, check, entries_of, without_wrappers
from ..weights.files import read, sha256


def built(
    name: str, build: Callable[..., Any], weights: Any, seed: int | None
) -> tuple[Any, Source]:
    """Make a module with the weights of a file, or with random ones of a seed.

    Parameters
    ----------
    name : str
    build : callable
        Makes the module; takes ``num_classes`` if the file has another number of them.
    weights : path or None
    seed : int or None

    Raises
    ------
    ValueError
        If neither or both are given, or the weights do not fit.
    FileNotFoundError
        If there is no such file.
    """
    if (weights is None) == (seed is None):
        found = "neither" if weights is None else "both"
        raise ValueError(
            f"weights: {found} of weights and seed given; expected the file of the "
            f"weights of {name}, or a seed for random ones"
        )
    if weights is None:
        return seeded(build, seed or 0), Source(seed=seed)
    path = expanded(weights)
    entries = entries_of(read(path))
    module = seeded(build, 0)
    slots = _slots(module)
    # Trained on other classes: the last layer alone has another length.
    lengths = {
        values.shape[0]
        for key, values in entries.items()
        if key in slots
        and values.shape != (shape := tuple(slots[key][1].shape))
        and values.shape[1:] == shape[1:]
    }
    if len(lengths) == 1:
        module = seeded(lambda: build(num_classes=lengths.pop()), 0)
    fill(module, entries, name)
    return module, Source(path.name, sha256(path))


def seeded(build: Callable[[], Any], seed: int) -> Any:
    """Call what makes a module; PyTorch's own random numbers are left alone."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build()


def fill(module: Any, entries: dict[str, np.ndarray], name: str) -> None:
    """Put weights in a module; ValueError says of each kind what does not fit."""
    import torch

    slots = _slots(module)
    check(
        name,
        {key: tuple(values.shape) for key, (_, values) in slots.items()},
        entries,
        whole={key for key, (_, v) in slots.items() if not v.is_floating_point()},
    )
    state = {slots[key][0]: torch.tensor(values) for key, values in entries.items()}
    module.load_state_dict(state, strict=False)


def _slots(module: Any) -> dict[str, tuple[str, Any]]:
    """Weights by the names that files have them under, as the module names them."""
    return {
        without_wrappers(key): (key, values)
        for key, values in module.state_dict().items()
        if not key.endswith(IGNORED)
    }
