"""Files that a user names: targets, and layers of which a file may hold several."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...base.paths import expanded
from ...io import Labelled, layers_in, load_features


def named_files(option: str, given: Iterable[str]) -> dict[str, str]:
    """Files by name: what stands before an equals sign, or their stem.

    Raises
    ------
    ValueError
        If two have the same name.

    Examples
    --------
    >>> named_files("targets", ["IT=data/it.npy", "data/judged.csv"])
    {'IT': 'data/it.npy', 'judged': 'data/judged.csv'}
    """
    found: dict[str, str] = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not equals or expanded(text).exists():
            name, path = Path(text).stem, text
        if name in found:
            raise ValueError(
                f"{option}: {found[name]} and {path} are both called {name!r}; give "
                "them names: NAME=FILE"
            )
        found[name] = path
    return found


def load_layers(name: str, path: str, **options: Any) -> dict[str, Labelled]:
    """Features of a file by name; of one that `jaxprune extract` wrote, every layer.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it cannot be read, or conditions have no labels and `options`, those of
        :func:`jaxprune.io.load_features`, choose some.
    """
    layers = layers_in(path)
    if len(layers) < 2:
        return {name: load_features(path, **options)}
    return {
        f"{name} {layer}": load_features(path, layer, **options) for layer in layers
    }
