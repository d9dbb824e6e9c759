"""What the layers of a module put out in one pass, by forward hooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from jaxprune.io.labelled import some


def find_layers(known: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Names that layers are asked for by, patterns included, each once.

    Raises
    ------
    ValueError
        If nothing has such a name; the message offers near ones.

    Examples
    --------
    >>> find_layers(["conv1", "blocks.0", "blocks.1"], ["blocks.*", "conv1"])
    ['blocks.0', 'blocks.1', 'conv1']
    """
    found: dict[str, None] = {}
    for name in wanted:
        # A name may hold what would be a pattern.
        hits = [k for k in known if k == name or fnmatchcase(k, name)]
        if not hits:
            near = get_close_matches(name, known, 4, 0.4) or known
            raise ValueError(
                f"layers: no layer is called {name!r}; expected one of "
                f"{some(near, 6)}, or a pattern such as 'blocks.*'."
            )
        found |= dict.fromkeys(hits)
    if not found:
        raise ValueError(f"layers: none given; expected some of {some(known, 6)}.")
    return list(found)


@contextmanager
def tapped(module: Any, layers: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Collect outputs of submodules while the block runs.

    Yields
    ------
    dict of str to Tensor
        Filled in the order of computation; to be cleared between passes. The second
        call of a module is ``NAME@2``; of several tensors in a tuple or a mapping,
        each is ``NAME:0`` or ``NAME:key``.
    """
    out: dict[str, Any] = {}
    modules = dict(module.named_modules())

    def keep(layer: str) -> Any:
        def hook(_module: Any, _inputs: Any, output: Any) -> None:
            calls = 1
            while any(_is_call(name, layer, calls) for name in out):
                calls += 1
            name = layer if calls == 1 else f"{layer}@{calls}"
            # A later operation in place would change what was put out.
            out.update({k: v.detach().clone() for k, v in _tensors(name, output)})

        return hook

    with ExitStack() as stack:
        for layer in layers:
            stack.callback(modules[layer].register_forward_hook(keep(layer)).remove)
        yield out


def _is_call(name: str, layer: str, calls: int) -> bool:
    return name.partition(":")[0] == (layer if calls == 1 else f"{layer}@{calls}")


def _tensors(name: str, output: Any) -> list[tuple[str, Any]]:
    """Tensors of real numbers in an output, with their names."""
    if hasattr(output, "is_floating_point"):
        return [(name, output)]
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
