"""Which condition every image belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from jaxprune.base.paths import expanded
from jaxprune.io.cells import read_rows
from jaxprune.io.entries import reading
from jaxprune.io.labelled import as_labels, composed, some

from .arrays import without_value
from .images import Images

CONDITION = "condition"


@dataclass(frozen=True, eq=False)
class Conditions:
    """Condition of every image.

    Attributes
    ----------
    labels : tuple of str (k,)
        Of the conditions, in the order of the rows of the features.
    index : ndarray of int (n,)
        Condition of every image, from 0 to k - 1.
    origin : str
        Where they were found, for a summary.
    """

    labels: tuple[str, ...]
    index: np.ndarray
    origin: str


def conditions_of(
    images: Images,
    given: Conditions | Sequence[Any] | np.ndarray | str | PathLike[str] | None = None,
) -> Conditions:
    """Find the condition of every image.

    Parameters
    ----------
    images : Images
    given : optional
        One value for each image (numbers or text, or a ``.npy`` file of them); or a
        ``.csv`` file with the columns ``image`` and ``condition``, where images go by
        their path inside the folder, or by their file name where no two are the same;
        or ``"image"``: every image is a condition. By default the labels in the file
        of the images, else the names of the folders they are in, else every image. Of
        texts the column is ``text``, and by default every text is a condition.

    Returns
    -------
    Conditions
        In the order in which they first appear; sorted, if `given` is numbers.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If images and values do not match one to one; the message lists some.

    Examples
    --------
    >>> from jaxprune_ports import open_images
    >>> images = open_images(np.zeros((4, 8, 8), np.uint8))
    >>> conditions_of(images, [10, 9, 10, 9]).labels
    ('9', '10')
    """
    if isinstance(given, Conditions):
        return _checked(given, images)
    if given is None:
        return _found(images)
    if isinstance(given, str) and given == images.kind:
        return _each(images)
    if not isinstance(given, str | PathLike):
        return _of_values(images, given, "one value for each image")
    path = expanded(given)
    if path.suffix.lower() not in (".csv", ".tsv", ".txt", ".npy"):
        raise ValueError(
            f"conditions: {given!r} is neither {images.kind!r} nor a .csv or .npy "
            f"file; give one of these, or one value for each {images.kind}"
        )
    if not path.is_file():
        raise FileNotFoundError(
            f"conditions: there is no file {path}; relative names start at {Path.cwd()}"
        )
    if path.suffix.lower() == ".npy":
        with reading(path):
            values = np.load(path, allow_pickle=False)
        return _of_values(images, values, f"file {path.name}")
    return _of_table(images, path)


def _checked(given: Conditions, images: Images) -> Conditions:
    index, k = np.asarray(given.index), len(given.labels)
    if index.shape != (len(images),) or not np.array_equal(np.unique(index), range(k)):
        raise ValueError(
            f"conditions: expected numbers below {k} for {len(images)} images, and an "
            f"image for each number, got shape {index.shape} with values "
            f"{some(np.unique(index).tolist())}"
        )
    return given


def _found(images: Images) -> Conditions:
    """Use labels in the file, else folders, else every image."""
    if images.labels is not None:
        if len(images.labels) != len(images):
            raise ValueError(
                f"conditions: {images.source} comes with {len(images.labels)} labels "
                f"({some(images.labels)}) for {len(images)} images; give conditions: "
                "one value for each image"
            )
        return _in_order(images.labels, "labels in the file of the images")
    if images.folders is None:
        return _each(images)
    outside = [
        n for n, top in zip(images.names, images.folders, strict=True) if not top
    ]
    if outside:
        raise ValueError(
            f"conditions: {len(outside)} images of {images.source} lie beside the "
            f"folders that name the conditions: {some(outside)}; move them into one, "
            "or give conditions"
        )
    if images.empty:
        raise ValueError(
            f"conditions: {some(images.empty)} in {images.source} would be a condition "
            "without any image that can be opened; add images, move what is no "
            "condition away, or give conditions"
        )
    return _in_order(images.folders, "folder names")


def _each(images: Images) -> Conditions:
    """Every image is a condition, labelled by its name without suffix if that tells."""
    labels = images.names
    if images.kind == "image":
        stems = [PurePosixPath(name).stem for name in images.names]
        labels = stems if len(set(stems)) == len(stems) else labels
    return _in_order(labels, f"one per {images.kind}")


def _of_values(images: Images, given: Any, origin: str) -> Conditions:
    # Of a masked array the mask is kept: what is masked becomes None below.
    values = given if np.ma.isMA(given) else np.asarray(given)
    if values.shape != (len(images),):
        raise ValueError(
            f"conditions: expected one value for each of {len(images)} images, got "
            f"shape {values.shape}"
        )
    absent = without_value(values)
    if absent:
        names = some(images.names[i] for i in absent)
        raise ValueError(
            f"conditions: {len(absent)} of {len(images)} images have none (NaN, None "
            f"or empty): {names}; give each one, or leave these images out"
        )
    labels = as_labels(values, "conditions", "Give every image one of these.")
    if values.dtype.kind in "biuf":
        ranked = [
            label for _, label in sorted(zip(values.tolist(), labels, strict=True))
        ]
        return _numbered(labels, tuple(dict.fromkeys(ranked)), origin)
    return _in_order(labels, origin)


def _of_table(images: Images, path: Path) -> Conditions:
    listed = _table(path, images.kind)
    names = _matching(images, listed)
    absent = [name for name in images.names if name not in names]
    unused = listed.keys() - set(names.values())
    if absent or unused:
        parts = []
        if absent:
            parts.append(f"no condition for {len(absent)} images: {some(absent)}")
        if unused:
            rows = [name for name in listed if name in unused]
            parts.append(f"no image for {len(rows)} of its rows: {some(rows)}")
        if others := images.left_out:
            parts.append(f"left out, as no images: {some(others)}")
        raise ValueError(
            f"conditions: {path} and {images.source} do not match: {'; '.join(parts)}. "
            "Images go by their path in the folder, or by a file name that no other has"
        )
    labels = [listed[names[name]] for name in images.names]
    return _numbered(labels, tuple(dict.fromkeys(listed.values())), f"file {path.name}")


def _matching(images: Images, listed: dict[str, str]) -> dict[str, str]:
    """Rows of the table by names of images: the same path, or else the same file."""
    bases: dict[str, list[str]] = {}
    for name in images.names:
        bases.setdefault(composed(PurePosixPath(name).name), []).append(name)
    known, names = {composed(name): name for name in images.names}, {}
    for row in listed:
        same = [known[row]] if row in known else bases.get(row, [])
        if len(same) == 1:
            names.setdefault(same[0], row)
    return names


def _table(path: Path, kind: str) -> dict[str, str]:
    """Condition by image, as a file with columns of these names has them."""
    try:
        rows, _ = read_rows(path)
    except UnicodeDecodeError as error:
        raise ValueError(f"conditions: {path} is not text in UTF-8: {error}") from error
    header = rows[0] if rows else []
    columns = [column.lower() for column in header]
    if [columns.count(column) for column in (kind, CONDITION)] != [1, 1]:
        raise ValueError(
            f"conditions: {path} begins with {','.join(header)!r}; expected a line "
            f"with the names of the columns, {kind} and {CONDITION}, each once"
        )
    places = [columns.index(column) for column in (kind, CONDITION)]
    listed: dict[str, str] = {}
    for number, row in enumerate(rows[1:], start=2):
        if any(row[len(columns) :]):
            raise ValueError(
                f"conditions: row {number} of {path} has {len(row)} cells, and the "
                f"first has {len(columns)}; text with a delimiter wants quotes"
            )
        cells = [*row, *[""] * len(columns)]
        image, condition = (composed(cells[place]) for place in places)
        if kind == "image":
            image = PurePosixPath(image.replace("\\", "/")).as_posix()
        if listed.get(image, condition) != condition:
            raise ValueError(
                f"conditions: {path} gives {image!r} two conditions, {listed[image]!r} "
                f"and {condition!r}; expected one row for each image"
            )
        if condition:
            listed[image] = condition
    return listed


def _in_order(labels: Sequence[str], origin: str) -> Conditions:
    labels = [composed(label) for label in labels]
    return _numbered(labels, tuple(dict.fromkeys(labels)), origin)


def _numbered(labels: Sequence[str], order: tuple[str, ...], origin: str) -> Conditions:
    position = {label: i for i, label in enumerate(order)}
    return Conditions(order, np.array([position[label] for label in labels]), origin)
