"""A user's own function that makes a module."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from jaxprune.base.paths import expanded

from ..images.steps import Preprocessing
from ..networks.network import Source
from ..weights.convert import entries_of
from ..weights.files import read, sha256
from .hooks import near
from .network import TorchNetwork
from .weights import fill, seeded


def open_factory(name: str, weights: Any, seed: int | None) -> TorchNetwork:
    """Call ``package.module:factory``, which returns a module; weights are its own.

    It is looked for where Python looks, and in the current folder. Random numbers begin
    at `seed`, 0 by default. Its attribute ``preprocessing``, if it is a
    :class:`Preprocessing`, says what is done with images; else that of ImageNet is.

    Parameters
    ----------
    name : str
    weights : path or None
        Put in the module, in place of those that it comes with.
    seed : int or None

    Raises
    ------
    ValueError
        If there is no such function, it returns no module, or the weights do not fit.
    """
    from torch import nn

    place, _, function = name.rpartition(":")
    if not place or not function:
        raise ValueError(
            f"network: module:{name} names no function; expected "
            "module:PACKAGE.MODULE:FUNCTION, which returns a torch.nn.Module"
        )
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        package = importlib.import_module(place)
    except ModuleNotFoundError as error:
        raise ValueError(
            f"network: {place} of module:{name} cannot be imported ({error}); expected "
            f"a module that is installed, or in {here}"
        ) from error
    make = getattr(package, function, None)
    if not callable(make):
        known = [k for k, v in vars(package).items() if callable(v)]
        raise ValueError(
            f"network: {place} has no function {function!r}; expected one of "
            f"{near(function, known) or 'some'}"
        )
    # A module can be called, too.
    module = make if isinstance(make, nn.Module) else seeded(make, seed or 0)
    if not isinstance(module, nn.Module):
        raise ValueError(
            f"network: {name} returned a {type(module).__name__}; expected a "
            "torch.nn.Module"
        )
    source = Source(f"made by {name}, seed {seed or 0}")
    if weights is not None:
        path = expanded(weights)
        fill(module, entries_of(read(path)), name)
        source = Source(path.name, sha256(path))
    steps = getattr(module, "preprocessing", None)
    steps = steps if isinstance(steps, Preprocessing) else Preprocessing()
    return TorchNetwork(module, f"module:{name}", steps, source=source)
