"""Features of conditions, and their file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from jaxprune.base.paths import absent, check_writable, expanded, unmake
from jaxprune.base.version import __version__
from jaxprune.io.layouts import unit_positions

from ..images.conditions import Conditions
from ..images.steps import Preprocessing
from ..networks.network import Source

SUFFIXES = (".h5", ".hdf5")


@dataclass(frozen=True, eq=False)
class Extraction:
    """What a network responds to conditions, and how that was computed.

    Attributes
    ----------
    features : dict of ndarray (k, units), float64
        Mean over the images of every condition, by layer; units flattened
        channel-first, ``(C, H, W)``, as PyTorch does. Of texts float32. Those of
        conditions of one image each, in a file, are read where they are used.
    shapes : dict of tuple
        ``(C, H, W)`` or ``(units,)``, by layer.
    conditions : Conditions
        Of the images that could be read.
    count : ndarray of int (k,)
        Images of every condition.
    m2 : dict of ndarray (k, units) or None
        Sum of squared deviations from the mean, if asked for: over ``count - 1`` it is
        the variance.
    skipped : tuple of (str, str)
        Name of every image that could not be read, and the reason.
    n_images : int
        Images used.
    resumed : int
        Images that an earlier, interrupted run had done.
    seconds : float
        Time that this run took.
    images : str
        Where the images are.
    kind : {"image", "text"}
    network : str
    source : Source
        Of the weights.
    computed : str
        Precision and device.
    token : str or None
        Which tokens were taken of outputs that have some.
    preprocessing : Preprocessing
    relu : bool
    """

    features: dict[str, np.ndarray] = field(repr=False)
    shapes: dict[str, tuple[int, ...]]
    conditions: Conditions
    count: np.ndarray
    m2: dict[str, np.ndarray] | None = field(repr=False)
    skipped: tuple[tuple[str, str], ...]
    n_images: int
    resumed: int
    seconds: float
    images: str
    kind: str
    network: str
    source: Source
    computed: str
    token: str | None
    preprocessing: Preprocessing
    relu: bool

    def units(self, layer: str) -> np.ndarray:
        """Channel, y and x of every unit of a layer, an array of int ``(units, 3)``.

        Raises
        ------
        ValueError
            If the layer was not extracted.
        """
        if layer not in self.shapes:
            raise ValueError(
                f"layer: {layer!r} was not extracted; expected one of "
                f"{', '.join(self.shapes)}"
            )
        return np.stack([*unit_positions(self.shapes[layer]).values()], axis=1)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write an HDF5 file that ``jaxprune prune`` and ``load_features`` read.

        =====================  ======================================================
        ``<layer>``            features (k, units), with the attribute ``shape``
        ``labels``, ``count``  of the conditions
        ``moments/<layer>``    sums of squared deviations (k, units), if asked for
        =====================  ======================================================

        The attributes of the file say how the features were computed.

        Parameters
        ----------
        path : path
            Ends in ``.h5`` or ``.hdf5``; an earlier one is replaced.

        Returns
        -------
        Path

        Raises
        ------
        FileExistsError
            If there is such a file that jaxprune did not write.
        """
        target = checked(path)
        draft = target.with_name(f".{target.name}.draft")
        draft.unlink(missing_ok=True)
        made = absent(target.parent)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            finish(self, draft, target)
        except BaseException:
            draft.unlink(missing_ok=True)
            unmake(made)
            raise
        return target


def checked(path: str | PathLike[str]) -> Path:
    """Path of a file of features, before it is computed.

    Raises
    ------
    ValueError
        If the suffix is another.
    FileExistsError
        If it is a file of somebody else.
    OSError
        If the folder cannot be made or written.
    """
    target = expanded(path)
    if target.suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"out: {target} ends in {target.suffix or 'nothing'!r}; expected "
            f"{' or '.join(SUFFIXES)}"
        )
    if target.is_dir():
        raise IsADirectoryError(f"out: {target} is a folder; expected a file")
    if target.exists() and not _is_ours(target):
        raise FileExistsError(
            f"out: {target} exists, and is no file of features that jaxprune wrote; "
            "remove it, or choose another name"
        )
    check_writable(target.parent)
    return target


def _is_ours(path: Path) -> bool:
    with suppress(OSError), hdf5(path, "r") as file:
        return "jaxprune" in file.attrs
    return False


def is_readable(path: Path) -> bool:
    """Whether an HDF5 file can be opened."""
    with suppress(OSError), hdf5(path, "r"):
        return True
    return False


@contextmanager
def hdf5(path: Path, mode: str) -> Iterator[Any]:
    """Open an HDF5 file."""
    import h5py

    with h5py.File(path, mode) as file:
        yield file


def finish(extraction: Extraction, draft: Path, target: Path) -> None:
    """Complete a draft, or begin it, and give it its name in one step."""
    with hdf5(draft, "a") as file:
        for layer, shape in extraction.shapes.items():
            if layer in extraction.features:
                put(file, layer, extraction.features[layer])
            about = {"shape": shape, "layer": layer, "network": extraction.network}
            file[layer].attrs.update(about)
        put(file, "labels", np.array(extraction.conditions.labels, object))
        put(file, "count", extraction.count)
        for layer, values in (extraction.m2 or {}).items():
            put(file, f"moments/{layer}", values)
        file.attrs.update(_provenance(extraction))
    os.replace(draft, target)


def put(file: Any, name: str, values: np.ndarray) -> None:
    """Write a dataset, which may be there from a run that was interrupted here."""
    if name in file:
        del file[name]
    file[name] = values


def _provenance(extraction: Extraction) -> dict[str, Any]:
    source = {f"weights_{k}": v for k, v in asdict(extraction.source).items()}
    return {
        "network": extraction.network,
        "weights": str(extraction.source),
        **{name: value for name, value in source.items() if value is not None},
        "computed": extraction.computed,
        **({"token": extraction.token} if extraction.token else {}),
        "preprocessing": json.dumps(asdict(extraction.preprocessing)),
        "relu": extraction.relu,
        f"{extraction.kind}s": extraction.images,
        f"n_{extraction.kind}s": extraction.n_images,
        "conditions": extraction.conditions.origin,
        "skipped": json.dumps(extraction.skipped),
        "jaxprune": __version__,
    }
