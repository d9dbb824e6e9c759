"""Write a result as a folder: tables, arrays, a summary and a figure."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from ..base.paths import expanded
from ..io.labelled import InputError, as_labels
from .packing import pack
from .summary import summarise
from .tables import conditions_table, curve_table, groups_table, units_table

if TYPE_CHECKING:
    from .records import PruningFields

SUMMARY = "summary.json"
ARRAYS = "result.npz"


def save_pruning(
    result: PruningFields,
    directory: str | Path,
    *,
    labels: Sequence[str] | None = None,
    units: Mapping[str, Sequence[Any] | np.ndarray] | Sequence[str] | None = None,
    versions: Mapping[str, str] | None = None,
    inputs: Mapping[str, Any] | None = None,
    matching: str | None = None,
    figure: bool = True,
    report: str | None = None,
) -> Path:
    """Write everything about a result into a folder.

    Each file is written under another name and then renamed, so that a run that is
    interrupted leaves no half-written file; ``summary.json`` comes last, and so its
    presence means that the others are complete and of the same run.

    ========================  ====================================================
    ``units.csv``             unit, [columns of `units`], importance, rank (1 = most
                              important), retained (0 or 1); one row a unit. With k
                              targets the last three are ``importance_0, rank_0,
                              retained_0, importance_1, ...``
    ``groups.csv``            with groups: group, units, importance, rank, retained;
                              ``units.csv`` then has the group of each unit (empty
                              for none) and retained
    ``curve.csv``             size, score (or ``score_0, score_1, ...``)
    ``conditions.csv``        index, label (empty where unknown)
    ``result.npz``            every array; see :func:`load_pruning`
    ``summary.json``          settings, versions, scores, counts, inputs
    ``figure.png``            :func:`jaxprune.results.pruning_figure`
    ``report.html``           `report`
    ========================  ====================================================

    Parameters
    ----------
    result : Pruning
        What to save.
    directory : str or Path
        Made if it does not exist; files of an earlier result are replaced.
    labels : sequence of str (n,), optional
        Condition labels, by default ``result.conditions``.
    units : mapping of str to sequence (N,), or sequence of str (N,), optional
        Further columns of ``units.csv``, text or numbers, such as those of
        :func:`unit_positions`, by default ``result.units``. A sequence is short for
        ``{"name": sequence}``.
    versions : mapping, optional
        Versions of further packages for the summary.
    inputs : mapping, optional
        Anything about where the data came from, such as file names.
    matching : str, optional
        How features and target were matched; see :func:`how_matched`.
    figure : bool, default=True
        Whether to draw ``figure.png``.
    report : str, optional
        A page, such as :func:`jaxprune.explain.pruning_page` makes.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If the numbers of labels or of units are not those of the result, or a column
        has a name that is taken.
    NotADirectoryError
        If `directory` is a file.
    ImportError
        If the figure is wanted and matplotlib is not installed.
    """
    folder = expanded(directory)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file; expected the name of a folder.")
    conditions = (
        result.conditions if labels is None else as_labels(labels, "labels", "")
    )
    _check_length("labels", conditions, result.n_conditions)
    units = result.units if units is None else units
    if not isinstance(units, Mapping):
        units = {} if units is None else {"name": units}
    for name, column in units.items():
        _check_length(f"units, {name!r}", column, result.n_units)

    folder.mkdir(parents=True, exist_ok=True)
    (folder / SUMMARY).unlink(missing_ok=True)
    _write(folder / "units.csv", _text(units_table(result, units)))
    if result.groups is not None:
        _write(folder / "groups.csv", _text(groups_table(result)))
    else:
        (folder / "groups.csv").unlink(missing_ok=True)
    _write(folder / "curve.csv", _text(curve_table(result)))
    _write(folder / "conditions.csv", _text(conditions_table(result, conditions)))
    arrays = pack(result, conditions, units)
    _write(folder / ARRAYS, lambda file: np.savez(file, allow_pickle=False, **arrays))
    if figure:
        from .figures import pruning_figure

        drawn = pruning_figure(result)
        _write(folder / "figure.png", lambda file: drawn.savefig(file, format="png"))
    else:
        (folder / "figure.png").unlink(missing_ok=True)
    if report is not None:
        _write(folder / "report.html", _text(report))
    else:
        (folder / "report.html").unlink(missing_ok=True)
    summary = summarise(result, versions, inputs, matching)
    text = json.dumps(summary, indent=2, allow_nan=False, default=str) + "\n"
    _write(folder / SUMMARY, _text(text))
    return folder


def _check_length(
    name: str, given: Sequence[Any] | np.ndarray | None, expected: int
) -> None:
    if given is not None and len(given) != expected:
        raise InputError(f"{name}: {len(given)} given; expected {expected}, one each.")


def _write(path: Path, fill: Callable[[IO[bytes]], Any]) -> None:
    """Fill a file under another name, then give it its own in one step."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with draft.open("xb") as file:
            fill(file)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _text(text: str) -> Callable[[IO[bytes]], Any]:
    return lambda file: file.write(text.encode("utf-8"))
