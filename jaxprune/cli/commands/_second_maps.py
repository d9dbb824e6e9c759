"""`heatmap --beside`: how far the hottest pixels are those of another map."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base.paths import expanded

if TYPE_CHECKING:
    from ._heatmap_job import Job

# Of all pixels, as published.
SHARES = (0.05, 0.1, 0.15)
ARCHIVE = "heatmaps.npz"
SUFFIXES = (".npy", ".png", ".jpg", ".jpeg", ".tif", ".tiff")


def second_maps(path: str, job: Job, numbers: list[int]) -> dict[int, np.ndarray]:
    """A second map for each image, in its pixels.

    Parameters
    ----------
    path : str
        ``heatmaps.npz`` of another run, or its folder; a folder of arrays or pictures
        named like the images; or one of these for a single image.
    job : Job
    numbers : list of int
        Of the images.

    Raises
    ------
    ValueError, FileNotFoundError
        An image without a map; a map that cannot be read.
    """
    from ...heatmaps import in_pixels

    place = expanded(path)
    archive = place / ARCHIVE if place.is_dir() else place
    if archive.name == ARCHIVE and archive.is_file():
        return _of_run(archive, job, numbers)
    files = {}
    for number in numbers:
        name = job.described(number)[0]
        files[number] = _file_of(place, name, len(numbers))
    return {
        number: in_pixels(_read(file), job.pixels(number).shape[:2])
        for number, file in files.items()
    }


def overlaps(
    first: Mapping[str, Any], second: np.ndarray
) -> dict[str, dict[str, dict[str, float]]]:
    """Overlap of the hottest pixels, and what chance makes of it, by subset."""
    from ...heatmaps import in_pixels, top_pixels
    from ...inference import overlap

    found: dict[str, dict[str, dict[str, float]]] = {}
    for subset, heatmap in first.items():
        heat = in_pixels(heatmap.heat, second.shape, heatmap.reach)
        found[subset] = {}
        for share in SHARES:
            common = overlap(top_pixels(heat, share), top_pixels(second, share))
            numbers = {"overlap": common.coefficient, "chance": common.chance}
            found[subset][f"{share:.2f}"] = numbers
    return found


def _of_run(archive: Path, job: Job, numbers: list[int]) -> dict[int, np.ndarray]:
    """Maps of the first set of units of another run."""
    from ...heatmaps import in_pixels
    from ...io.entries import reading

    with reading(archive), np.load(archive, allow_pickle=False) as found:
        heat, names = found["heat"], found["images"].tolist()
        stride = int(found["stride"]) if "stride" in found else None
    maps = {}
    for number in numbers:
        name = job.described(number)[0]
        if name not in names:
            raise ValueError(
                f"beside: {archive} has no map of {name}; expected all images that "
                "are asked for here"
            )
        values = heat[names.index(name), 0]
        height, width = values.shape
        reach = None if stride is None else (height * stride, width * stride)
        maps[number] = in_pixels(values, job.pixels(number).shape[:2], reach)
    return maps


def _file_of(place: Path, name: str, count: int) -> Path:
    """File of the second map of an image."""
    if not place.exists():
        raise FileNotFoundError(
            f"beside: there is no {place}; expected heatmaps.npz of another run, a "
            "folder of maps named like the images, or the map of a single image"
        )
    if place.is_file():
        if count > 1:
            raise ValueError(
                f"beside: {place} is one map, and {count} images are asked for; "
                "expected a folder of maps named like the images"
            )
        return place
    stem = PurePosixPath(name).with_suffix("")
    names = [f"{stem}{suffix}" for suffix in SUFFIXES]
    found = [place / one for one in names if (place / one).is_file()]
    if len(found) != 1:
        what = "no map" if not found else f"{len(found)} maps"
        raise ValueError(
            f"beside: {place} has {what} of {name}; expected one of "
            f"{', '.join(names[:2])}"
        )
    return found[0]


def _read(file: Path) -> np.ndarray:
    """A map ``(h, w)`` from an array or from the brightness of a picture."""
    from ...io.entries import reading

    with reading(file):
        if file.suffix.lower() == ".npy":
            values = np.load(file, allow_pickle=False)
        else:
            from PIL import Image

            with Image.open(file) as picture:
                values = np.asarray(picture.convert("F"))
    if values.ndim != 2 or values.dtype.kind not in "fiub":
        raise ValueError(
            f"beside: {file} has shape {values.shape} and dtype {values.dtype}; "
            "expected a map (height, width) of numbers"
        )
    return values
