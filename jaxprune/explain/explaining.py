"""An explanation of a result: tables in a folder, and one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import checks
from ..base.csv_text import as_table
from ..base.paths import expanded
from ..execution.run import bar
from ..report import Report
from ..report.explorer import Explorer
from ..report.sections import Gallery
from . import parts
from .exploring import CELLS
from .material import Material, material_of
from .page import begun, ended
from .redundancy import N_KINDS

if TYPE_CHECKING:
    from ..results import Pruning

# What an earlier run may have left, whose part cannot be made any more.
FILES = (
    *("positions.csv", "responses.csv", "profiles.csv", "pairs.csv"),
    *("conditions.csv", "kinds.csv", "retained-units.png", "dropped-units.png"),
    *("as-many-units-at-random.png", "the-largest-kind.png"),
)
# From sets of units to an image (H, W, 3) of uint8 each.
Synthesise = Callable[[Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]


def explain(
    result: Pruning,
    directory: str | Path,
    *,
    features: Any = None,
    noise: Any = None,
    controls: Any = None,
    images: Sequence[Any] | np.ndarray | None = None,
    factors: Mapping[str, Any] | None = None,
    synthesise: Synthesise | None = None,
    kinds: int = N_KINDS,
    target: int = 0,
    facts: Mapping[str, Any] | None = None,
    absent: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    progress: bool = False,
) -> Path:
    """Say what the retained units do: ``report.html``, and tables in ``explain/``.

    =====================  =======================================================
    ``channels.csv``       units and retained units of each channel (or layer, head)
                           beside the band of random sets, and ``positions.csv``
    ``responses.csv``      mean response to every condition: retained, dropped, and
                           the most important units
    ``profiles.csv``       variance that factors explain
    ``pairs.csv``          contribution of every pair to the gain (they sum to it), and
                           ``conditions.csv``
    ``kinds.csv``          retained units and the kind of each (0: never varies)
    ``*.png``              images made by gradient ascent, if there are any
    =====================  =======================================================

    Parameters
    ----------
    result : Pruning
    directory : str or Path
        Where ``report.html`` and ``explain/`` are written.
    features : array_like (n, N), optional
        That were pruned. What cannot be had leaves its part out, and the page says so.
    noise : array_like, optional
        Precision of their noise, if the metric was given any.
    controls : array_like (K, P), optional
        Control RDMs, condensed, if the result is of some.
    images : sequence of PIL image or ndarray of uint8, optional
        One a condition, in their order; None where there is none.
    factors : mapping of str to array_like (n,), optional
        Numbers or categories of the conditions. By the first categories conditions can
        be sorted.
    synthesise : callable, optional
        From sets of units by name to an image of each; see
        :func:`jaxprune_ports.synthesis.synthesise`.
    kinds : int
        Clusters of retained units, at most.
    target : int
        Of several targets, the one that is explained.
    facts : mapping, optional
        Where the data came from, for the page.
    absent : mapping of str to str, optional
        Why something is not given, by the name of the argument.
    notes : sequence of str
        What else is to be said.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ValueError
        If what is given is not of the conditions and units of the result.

    Examples
    --------
    >>> import tempfile, numpy as np, jaxprune as jp
    >>> features = np.random.default_rng(0).random((6, 20))
    >>> result = jp.prune(features, np.arange(15.0))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = result.explain(folder, features=features)
    ...     sorted(path.name for path in (page.parent / "explain").iterdir())
    ['conditions.csv', 'kinds.csv', 'pairs.csv', 'responses.csv']
    """
    checks.whole("kinds", kinds, 1)
    given = material_of(
        result,
        features=features,
        noise=noise,
        images=images,
        factors=factors,
        target=target,
        absent=absent,
        controls=controls,
    )
    folder = expanded(directory)
    made: dict[str, Callable[[Report, Material], tuple[Report, parts.Tables]]] = {
        "Where the retained units are": parts.where,
        "What they respond to": parts.what_they_respond_to,
        "What explains their variance": parts.explained_by,
        "Which pairs of conditions they repair": parts.which_pairs,
        "How many kinds there are": partial(parts.redundancy, n_kinds=kinds),
    }
    tables: parts.Tables = {}
    left_out: dict[str, str] = {}
    with bar("explain", len(made) + 1, "part", progress) as step:
        page = begun(result, features, noise, given.conditions, notes, target)
        step(1)
        for title, part in made.items():
            try:
                page, found = part(page.heading(title), given)
                tables |= found
            except parts.LeftOut as reason:
                left_out[title] = str(reason)
            step(1)
    page, title = _with_pictures_shown(page), "Synthesised images"

    def write(page: Report, pictures: Mapping[str, np.ndarray]) -> Path:
        if left_out:
            page = page.heading("What is left out, and why").facts(left_out)
        return _write(folder, ended(page, result, facts), tables, pictures)

    why = given.why("network") if synthesise is None else "they are not finished"
    left_out[title] = why
    written = write(page, {})
    if synthesise is None:
        return written
    # It takes minutes: whoever interrupts it has the rest.
    pictures = synthesise(_sets(given, kinds))
    del left_out[title]
    return write(parts.synthesised(page.heading(title), pictures), pictures)


def _with_pictures_shown(page: Report) -> Report:
    """Of very many conditions, only thumbnails of those that the text names."""
    shown = {
        one.condition
        for section in page.sections
        if isinstance(section, Gallery)
        for _, row in section.rows
        for one in row
    }
    sections = tuple(
        section.with_pictures(shown)
        if isinstance(section, Explorer) and section.data["conditions"] > CELLS
        else section
        for section in page.sections
    )
    return replace(page, sections=sections)


def _sets(given: Material, n_kinds: int) -> dict[str, np.ndarray]:
    """Sets of units to make an image for; those at random are there to compare with."""
    retained, dropped = np.flatnonzero(given.mask), np.flatnonzero(~given.mask)
    rng = np.random.default_rng(0)
    some = rng.choice(given.result.n_units, len(retained), replace=False)
    sets = {"retained units": retained, "dropped units": dropped}
    sets["as many units at random"] = np.sort(some)
    if given.responses is not None:
        units, kinds = parts.kinds_among(given, n_kinds)
        sets["the largest kind"] = np.sort(units[kinds.kind == 0])
    return {name: units for name, units in sets.items() if len(units)}


def _write(
    folder: Path,
    page: Report,
    tables: parts.Tables,
    pictures: Mapping[str, np.ndarray],
) -> Path:
    """Write tables and pictures, and last the page; those of earlier runs go."""
    from PIL import Image

    beside = folder / "explain"
    beside.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (beside / name).unlink(missing_ok=True)
    for name, columns in tables.items():
        path = beside / f"{name}.csv"
        path.write_text(as_table(columns), encoding="utf-8", newline="\n")
    for name, image in pictures.items():
        Image.fromarray(image).save(beside / f"{name.replace(' ', '-')}.png")
    return page.write(folder / "report.html")
