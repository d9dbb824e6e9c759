"""What `heatmap` writes and says: figures, arrays, a summary, and a table."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from ...report import screen

if TYPE_CHECKING:
    from ._heatmap_job import Job, Maps

FILES = ("heatmaps.npz", "summary.json")
# More images than this would push the rest of the summary off the screen.
ROWS = 10


def file_names(images: Sequence[str]) -> list[str]:
    """Names of figures: those of the images, as far as files can have them.

    >>> file_names(["dog/1.png", "dog 1.jpg", "dog_1_2.png", "7"])
    ['dog_1.png', 'dog_1_2.png', 'dog_1_2_2.png', '7.png']
    """
    taken: set[str] = set()
    names = []
    for image in images:
        stem = str(PurePosixPath(image).with_suffix(""))
        stem = re.sub(r"[^\w.-]+", "_", stem)
        name, count = stem, 1
        # Some file systems know no capitals.
        while name.lower() in taken:
            count += 1
            name = f"{stem}_{count}"
        taken.add(name.lower())
        names.append(f"{name}.png")
    return names


def save(
    job: Job,
    folder: Path,
    found: Mapping[int, Maps],
    files: Sequence[str],
    about: Mapping[str, Any],
    common: Mapping[int, Any],
) -> None:
    """Write figures and arrays, and last the summary."""
    from ...heatmaps.figure import heatmap_figure
    from ...io.summary import package_versions, plain

    label = job.way.LABEL.format(score=name_of_score(job))
    images = {}
    for (number, maps), file in zip(found.items(), files, strict=True):
        name, condition = job.described(number)
        title = f"{name}  ·  {job.request.net.name} [{job.layer}]"
        figure = heatmap_figure(job.pixels(number), maps, title, label)
        figure.savefig(folder / file)
        images[name] = {"condition": condition, "figure": file} | {
            subset: _numbers(heatmap) for subset, heatmap in maps.items()
        }
        for subset, shares in common.get(number, {}).items():
            images[name][subset]["overlap"] = shares
    every = [[maps[subset] for subset in job.subsets] for maps in found.values()]
    first = every[0][0]
    arrays = {
        "heat": np.array([[heatmap.heat for heatmap in maps] for maps in every]),
        "baseline": np.array([[m.baseline for m in maps] for maps in every]),
        "units": np.array([*job.subsets]),
        "images": np.array([*images]),
        "conditions": np.array([job.described(number)[1] for number in found]),
        "positions": first.positions,
        **job.way.arrays(every),
    }
    np.savez_compressed(folder / FILES[0], allow_pickle=False, **arrays)
    summary = {"images": images, **about, "versions": package_versions()}
    text = json.dumps(plain(summary), indent=2, allow_nan=False, default=str) + "\n"
    (folder / FILES[1]).write_text(text, encoding="utf-8")


def _numbers(heatmap: Any) -> dict[str, Any]:
    """Sum up a map: score, largest heat and its place, what has no score."""
    heat = heatmap.heat
    peak, at = None, None
    if not np.isnan(heat).all():
        place = np.unravel_index(np.nanargmax(heat), heat.shape)
        row, column = heatmap.positions[place]
        peak, at = float(heat[place]), {"x": float(column), "y": float(row)}
    return {
        "baseline": heatmap.baseline,
        "peak": peak,
        "peak_at": at,
        "n_undefined": heatmap.n_undefined,
    }


def table(job: Job, found: Mapping[int, Maps], common: Mapping[int, Any]) -> str:
    """Rows of the first images: score, largest heat, and where it is."""
    heads = [name.partition(" ")[0] for name in job.subsets]
    rows = [["score", *(cell for head in heads for cell in (head, "peak", "x, y"))]]
    for number, maps in [*found.items()][:ROWS]:
        cells = [screen.shortened(job.described(number)[0], 16)]
        for heatmap in maps.values():
            numbers = _numbers(heatmap)
            at = numbers["peak_at"]
            peak = float("nan") if at is None else numbers["peak"]
            cells += [screen.number(heatmap.baseline), screen.number(peak)]
            cells.append("" if at is None else f"{at['x']:.0f}, {at['y']:.0f}")
        rows.append(cells)
    text = screen.table(rows)
    if (more := len(found) - ROWS) > 0:
        text += f"\nand {more:,} more in summary.json"
    return text + _overlaps_said(job, common)


def _overlaps_said(job: Job, common: Mapping[int, Any]) -> str:
    """Table of the overlap of the hottest pixels with those of a second map."""
    if not common:
        return ""
    first = next(iter(job.subsets))
    shares = {
        share: [found[first][share]["overlap"] for found in common.values()]
        for share in common[next(iter(common))][first]
    }
    rows = [[f"hottest pixels, {first}", *(f"{float(s):.0%}" for s in shares)]]
    rows.append(["shared with the second map", *map(_mean, shares.values())])
    rows.append(["by chance", *(f"{float(share):.2f}" for share in shares)])
    return "\n\n" + screen.table(rows)


def _mean(values: list[float]) -> str:
    return f"{np.mean(values):.2f}"


def name_of_score(job: Job) -> str:
    """Of the rows of RDMs: by maps it is not squared."""
    settings = job.result.settings
    squared = settings.objective == "r2" and job.by != "maps"
    return settings.compare + "²" * squared


def score_of(job: Job) -> str:
    return f"{job.result.settings.metric}, {name_of_score(job)}"
