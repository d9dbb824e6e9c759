"""What the layers of a module put out in one pass, by forward hooks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from jaxprune.io.labelled import some


def find_layers(known: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Names that layers are asked for by, patterns included, each once.

    A ``*`` stands for one part of a name, between dots.

    Raises
    ------
    ValueError
        If nothing has such a name; the message offers near ones.

    Examples
    --------
    >>> known = ["conv1", "blocks", "blocks.0", "blocks.0.attn", "blocks.1"]
    >>> find_layers(known, ["blocks.*", "conv1"])
    ['blocks.0', 'blocks.1', 'conv1']
    >>> find_layers(known, ["conv1@2"])  # its second call
    ['conv1@2']
    """
    names, found = set(known), {}
    for name in wanted:
        # A name may hold what would be a pattern.
        exact = name in names or re.split("[@:]", name)[0] in names
        hits = [name] if exact else [k for k in known if _fits(k, name)]
        if not hits:
            raise ValueError(
                f"layers: no layer is called {name!r}; expected one of "
                f"{near(name, known)}, or a pattern such as 'blocks.*'."
            )
        found |= dict.fromkeys(hits)
    if not found:
        raise ValueError(f"layers: none given; expected some of {some(known, 6)}.")
    return list(found)


def near(name: str, known: Iterable[str]) -> str:
    """Names that are like one that is not known, or some names if none is."""
    names = list(known)
    like = get_close_matches(name, names, 4, 0.4)
    begin = [k for k in names if k.startswith(name)][:4]
    return some(dict.fromkeys([*like[:1], *begin, *like]) or names, 6)


def _fits(name: str, pattern: str) -> bool:
    parts, patterns = name.split("."), pattern.split(".")
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


class Taps:
    """What some submodules put out, in the order of computation.

    Attributes
    ----------
    out : dict of str to Tensor
        By name. The second call of a module is ``NAME@2``; of several tensors in a
        tuple or a mapping, each is ``NAME:0`` or ``NAME:key``.
    """

    def __init__(self, layers: Sequence[str]) -> None:
        self.layers, self.out = tuple(layers), {}
        self._wanted, self._calls = set(layers), Counter()
        # Of every module that was called: names of its outputs, or what else it is.
        self._seen: dict[str, list[str]] = {}

    def clear(self) -> None:
        """Forget everything, before another pass."""
        self.out.clear()
        self._calls.clear()

    def check(self) -> None:
        """Raise ValueError if a layer put out nothing that can be used."""
        known = {name for key in self.out for name in _names(key)}
        for layer in self.layers:
            if layer not in known:
                seen = self._seen.get(re.split("[@:]", layer)[0], ["nothing"])
                raise ValueError(
                    f"layers: {layer!r} puts out no tensor of real numbers in a "
                    f"forward pass; its module puts out {', '.join(seen)}. Choose "
                    "another layer."
                )

    def keep(self, module: str, output: Any) -> None:
        """Keep what a call of a module put out, if it was asked for."""
        self._calls[module] += 1
        number = self._calls[module]
        name = module if number == 1 else f"{module}@{number}"
        tensors = _tensors(name, output)
        kind = str(getattr(output, "dtype", type(output).__name__))
        self._seen[module] = [key for key, _ in tensors] or [kind]
        for key, values in tensors:
            if self._wanted & _names(key):
                # A later operation in place would change what was put out.
                self.out[key] = values.detach().clone()


@contextmanager
def tapped(module: Any, layers: Sequence[str]) -> Iterator[Taps]:
    """Collect outputs of submodules while the block runs.

    Parameters
    ----------
    module : torch.nn.Module
    layers : sequence of str
        Names of submodules, or of single outputs of them.
    """
    taps, modules = Taps(layers), dict(module.named_modules())

    def hook(name: str) -> Any:
        return lambda _module, _inputs, output: taps.keep(name, output)

    with ExitStack() as stack:
        for name in dict.fromkeys(re.split("[@:]", layer)[0] for layer in layers):
            stack.callback(modules[name].register_forward_hook(hook(name)).remove)
        yield taps


def _names(key: str) -> set[str]:
    """An output, the call it is of, and the module."""
    call = key.partition(":")[0]
    return {key, call, call.partition("@")[0]}


def _tensors(name: str, output: Any) -> list[tuple[str, Any]]:
    """Tensors of real numbers in an output, with their names."""
    if hasattr(output, "is_floating_point"):
        return [(name, output)] if output.is_floating_point() else []
    if isinstance(output, Mapping):
        parts = {str(key): value for key, value in output.items()}
    elif isinstance(output, tuple | list):
        parts = {str(place): value for place, value in enumerate(output)}
    else:
        return []
    real = {
        key: value
        for key, value in parts.items()
        if hasattr(value, "is_floating_point") and value.is_floating_point()
    }
    if len(real) == 1:
        return [(name, *real.values())]
    return [(f"{name}:{key}", value) for key, value in real.items()]
