"""The demo: which units of an untrained network carry number.

Dot arrays -> untrained CORnet-Z -> condition means of V1, V2, V4 and IT -> units pruned
against the log-number RDM, as Truong, Noei & Karami (2024) did.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.paths import expanded
from ..plots.record import Record
from ..pruning import prune
from ..report import screen
from ..results import Pruning
from ..stimuli import StimulusSet, karami32

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NETWORK = "cornet_z"
FILES = ("figure.png", "areas.csv", "summary.json")
# Score of all units and of the retained ones, of CORnet-Z without training.
PUBLISHED = {
    "V1": (0.28, 0.50),
    "V2": (0.33, 0.52),
    "V4": (0.32, 0.53),
    "IT": (0.31, 0.50),
}
REFERENCE = "Truong, Noei & Karami (2024)"


@dataclass(frozen=True, repr=False)
class Demo(Record):
    """What the demo made.

    Attributes
    ----------
    stimuli : StimulusSet
    results : dict of str to Pruning
        By area, from V1 to IT.
    n_instances, seed : int
        Images per condition; seed of stimuli and weights.
    """

    stimuli: StimulusSet
    results: dict[str, Pruning]
    n_instances: int
    seed: int

    def _headline(self) -> str:
        return f"dot arrays, and the units of {len(self.results)} areas"

    def _facts(self) -> Sequence[tuple[str, str]]:
        return [(area, one._headline()) for area, one in self.results.items()]


def log_number_rdm(numerosity: np.ndarray) -> np.ndarray:
    """Return the square RDM ``|log N_i - log N_j|``.

    >>> log_number_rdm(np.array([1, 10])).round(2)
    array([[0. , 2.3], [2.3, 0. ]])
    """
    log = np.log(numerosity)
    return np.abs(log[:, None] - log)


def run(
    n_instances: int = 20,
    seed: int = 0,
    *,
    size: int = 224,
    progress: bool = False,
    report: Callable[[str], None] | None = None,
) -> Demo:
    """Make stimuli and network, and prune its four areas.

    Parameters
    ----------
    n_instances : int
        Images of each of the 32 conditions.
    seed : int
        Of the stimuli and of the weights.
    size : int
        Height and width of the images in pixels; the number of units goes with it.
    progress : bool
        Show progress bars on stderr.
    report : callable, optional
        Called with a line of text before each step.

    Returns
    -------
    Demo

    Raises
    ------
    ValueError
        If ``n_instances`` or ``seed`` is out of range.

    Notes
    -----
    Images are scaled to 0..1 and not normalised further: of the two, this reproduces
    the published scores of the untrained network.
    """
    report = report or (lambda text: None)
    report(f"drawing {n_instances} dot arrays for each of 32 conditions")
    stimuli = karami32(n_instances, seed, size)

    report(f"showing all {len(stimuli.images):,} to an untrained CORnet-Z")
    # Imported late: the ports need flax, the engine does not.
    import jaxprune_ports as ports
    from jaxprune_ports.images.steps import AS_THEY_ARE

    means = ports.condition_means(
        ports.create(NETWORK, seed),
        stimuli.images,
        stimuli.condition,
        ("V1", "V2", "V4", "IT"),
        progress=progress,
        preprocessing=ports.Preprocessing(None, None, **AS_THEY_ARE),
    )
    target = log_number_rdm(stimuli.factors["numerosity"])
    results = {}
    for area in tuple(means):
        # Popped, because V1 alone takes 50 MB.
        features = means.pop(area)
        report(f"pruning {area}: {features.shape[1]:,} units")
        result = prune(features, target, progress=progress)
        results[area] = replace(result, conditions=stimuli.labels)
    return Demo(stimuli, results, n_instances, seed)


def save(demo: Demo, directory: str | Path) -> Path:
    """Write the figure, a table of the areas, and a folder for each of them.

    Parameters
    ----------
    demo : Demo
    directory : str or Path
        Made if it does not exist; files of an earlier demo are replaced.

    Returns
    -------
    Path
        The folder: ``figure.png``, ``areas.csv``, ``summary.json``, ``V1/`` and so on.
    """
    from ..io.summary import package_versions, plain
    from ..results.tables import layers_table

    folder = expanded(directory)
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "network": f"{NETWORK}, untrained",
        "stimuli": "karami32",
        "instances": demo.n_instances,
        "seed": demo.seed,
        "target": "|log N_i - log N_j|",
    }
    for area, result in demo.results.items():
        result.save(
            folder / area,
            inputs={**about, "area": area},
            matching="by design: features and target are of the same stimuli",
        )
    figure(demo).savefig(folder / "figure.png")
    found = _scores(demo)
    full, pruned = zip(*(PUBLISHED[area] for area in found), strict=True)
    published = {"published_full": full, "published_pruned": pruned}
    table = layers_table(found, "area", published)
    (folder / "areas.csv").write_text(table, encoding="utf-8")
    summary = {"demo": about, "areas": found, "versions": package_versions()}
    text = json.dumps(plain(summary), indent=2) + "\n"
    (folder / "summary.json").write_text(text, encoding="utf-8")
    return folder


def _scores(demo: Demo) -> dict[str, dict[str, Any]]:
    from ..results.summary import scores

    return {area: scores(result) for area, result in demo.results.items()}


def summary(demo: Demo) -> str:
    """Return the table of the areas as text, with the published scores beside it."""
    header, *rows = screen.layer_rows(_scores(demo), "area")
    published = [[f"{score:.2f}" for score in PUBLISHED[area]] for area, *_ in rows]
    rows = [row + more for row, more in zip(rows, published, strict=True)]
    rows = [[*header, "full*", "pruned*"], *rows]
    first = next(iter(demo.results.values()))
    lines = [
        screen.fact("network", f"untrained CORnet-Z, seed {demo.seed}"),
        screen.fact(
            "stimuli", f"dot arrays, 32 conditions x {demo.n_instances} images"
        ),
        screen.fact("target", "RDM of log number, |log N_i - log N_j|"),
        screen.fact("score", first.settings.score_text),
        screen.fact(
            "path", f"{first.paths['importance']}, {first.dtype} on {first.device}"
        ),
        "",
        screen.table(rows),
        "",
        f"* published by {REFERENCE}: 100 images a condition, other",
        "  weights. Full scores should be close; best ones vary with the weights.",
        screen.BIASED,
    ]
    return "\n".join(lines)


def figure(demo: Demo) -> Figure:
    """Draw stimuli, target, the curves of the four areas, and their scores.

    Parameters
    ----------
    demo : Demo

    Returns
    -------
    matplotlib.figure.Figure
        Tied to no window.
    """
    from .demo_figure import draw

    target = log_number_rdm(demo.stimuli.factors["numerosity"])
    return draw(demo.stimuli, target, demo.results, PUBLISHED)
