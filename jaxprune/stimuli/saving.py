"""Stimuli on disk: one .npz file, or a folder of images."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import numpy as np

from ..base.csv_text import as_table
from ..base.paths import check_writable, expanded
from .stimulus_set import StimulusSet

TABLE, FACTOR = "table_", "factor_"


def save_stimuli(stimuli: StimulusSet, path: str | PathLike[str]) -> Path:
    """Write stimuli to a file, or as PNG images to a folder.

    Parameters
    ----------
    stimuli : StimulusSet
    path : str or Path
        ``name.npz``, which :func:`load_stimuli` reads: ``images``, ``labels`` (of every
        image), ``condition``, a ``factor_`` array for each factor (one value for every
        condition), a ``table_`` array for each column of the table, ``across`` and
        ``unit``. Or a folder: an image is ``LABEL/INSTANCE.png``, and ``table.csv``
        says for each its ``condition``, the levels of the factors and what was
        achieved. Folders above are made; a file of the same name is replaced, a folder
        must be new or empty.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    ValueError
        If the path ends in another suffix, or is a folder with files in it.
    """
    target = checked(path)
    if target.suffix == "" or target.is_dir():
        _save_folder(stimuli, target)
    else:
        _save_npz(stimuli, target)
    return target


def checked(path: str | PathLike[str]) -> Path:
    """Path that stimuli can be saved to, before they are drawn.

    Raises
    ------
    ValueError
        As for :func:`save_stimuli`.
    OSError
        If it cannot be written.
    """
    target = expanded(path)
    if target.suffix not in ("", ".npz") and not target.is_dir():
        raise ValueError(
            f"path: {target} ends in {target.suffix!r}; expected .npz, or a folder"
        )
    if target.suffix == "" and target.is_file():
        raise ValueError(
            f"path: {target} is a file; expected the name of a folder, or one that "
            "ends in .npz"
        )
    # Images left from another set would be taken for images of this one.
    if target.is_dir() and any(target.iterdir()):
        raise ValueError(
            f"path: the folder {target} holds files; expected a new or an empty one"
        )
    check_writable(target if target.is_dir() else target.parent)
    return target


def load_stimuli(path: str | PathLike[str]) -> StimulusSet:
    """Read what :func:`save_stimuli` wrote to a file.

    Parameters
    ----------
    path : str or Path
        A ``.npz`` file.

    Returns
    -------
    StimulusSet

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file does not hold stimuli.
    """
    source = expanded(path)
    if source.is_file() and not is_zipfile(source):
        raise ValueError(f"path: {source} is not a .npz file; or it is incomplete")
    with np.load(source, allow_pickle=False) as archive:
        entries = {name: archive[name] for name in archive.files}
    needed = {"images", "labels", "condition", "across", "unit"}
    if absent := sorted(needed - entries.keys()):
        raise ValueError(
            f"path: {source} holds no {', '.join(absent)}; expected a file written by "
            "save_stimuli"
        )
    columns = _with_prefix(entries, TABLE)
    table = np.empty(
        len(entries["images"]),
        [(name, column.dtype) for name, column in columns.items()],
    )
    for name, column in columns.items():
        table[name] = column
    _, first = np.unique(entries["condition"], return_index=True)
    return StimulusSet(
        images=entries["images"],
        condition=entries["condition"],
        table=table,
        labels=tuple(entries["labels"][first].tolist()),
        factors=_with_prefix(entries, FACTOR),
        across=float(entries["across"]),
        unit=str(entries["unit"]),
    )


def _with_prefix(entries: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {
        name.removeprefix(prefix): entry
        for name, entry in entries.items()
        if name.startswith(prefix)
    }


def _columns(stimuli: StimulusSet) -> dict[str, np.ndarray]:
    return {name: stimuli.table[name] for name in stimuli.table.dtype.names or ()}


def _save_npz(stimuli: StimulusSet, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {
        "images": stimuli.images,
        "labels": stimuli.image_labels,
        "condition": stimuli.condition,
        "across": np.array(stimuli.across),
        "unit": np.array(stimuli.unit),
        **{FACTOR + name: levels for name, levels in stimuli.factors.items()},
        **{TABLE + name: column for name, column in _columns(stimuli).items()},
    }
    np.savez_compressed(target, **arrays)


def _save_folder(stimuli: StimulusSet, target: Path) -> None:
    from PIL import Image

    labels, instances = stimuli.image_labels, stimuli.table["instance"]
    # As wide as the largest number, so that files sort by instance.
    width = len(str(instances.max()))
    names = [
        f"{label}/{instance:0{width}d}.png"
        for label, instance in zip(labels, instances, strict=True)
    ]
    for label in stimuli.labels:
        (target / label).mkdir(parents=True, exist_ok=True)
    for name, image in zip(names, stimuli.images, strict=True):
        Image.fromarray(image).save(target / name)
    factors = {f"{name}_level": stimuli.levels(name) for name in stimuli.factors}
    achieved = _columns(stimuli)
    del achieved["condition"]
    columns = {"image": names, "condition": labels, **factors, **achieved}
    (target / "table.csv").write_text(as_table(columns), encoding="utf-8", newline="\n")
