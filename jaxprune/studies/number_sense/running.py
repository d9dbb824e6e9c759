"""From stimuli to the numbers of every network, one part after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ...numerosity.summation import summation_model
from .._parts import Parts
from .measuring import Found, measure
from .networks import Case, cases_of
from .options import SMALL, Options
from .results import NumberSense
from .widths import widths

PARTS, MODEL = "parts", "summation"
# Settings that decide on the numbers of a network, of either design.
MEASURED = ("area_images", "n_draws", "n_repeats", "n_pairs")


def run(
    options: Options = SMALL,
    folder: str | Path | None = None,
    *,
    progress: bool = False,
    report: Callable[[str], None] | None = None,
) -> NumberSense:
    """Look for number sense in networks, as Nasr et al. and Kim et al. did.

    Parameters
    ----------
    options : Options
    folder : str or Path, optional
        Every network is kept in its folder ``parts`` when it is done, so that a run
        that was interrupted goes on when it is repeated.
    progress : bool
        Show progress bars on stderr.
    report : callable, optional
        Called with a line of text before each step.

    Returns
    -------
    NumberSense

    Raises
    ------
    FileNotFoundError
        If a folder of weights holds no network.
    ValueError
        If it holds another one than the study looks at.
    ImportError
        If scikit-learn is not installed.
    """
    start = time.perf_counter()
    say = report or (lambda text: None)
    parts = Parts(None if folder is None else Path(folder).expanduser() / PARTS)
    cases = cases_of(options.networks, options.seeds, options.weights)
    found = []
    for number, case in enumerate(cases, 1):

        def prefixed(text: str, prefix: str = f"[{number}/{len(cases)}] ") -> None:
            say(prefix + text)

        found.append(_look(case, options, parts, progress, prefixed))
    model = _model(options, parts, say)
    return NumberSense(options, tuple(found), model, time.perf_counter() - start)


def _look(
    case: Case,
    options: Options,
    parts: Parts,
    progress: bool,
    say: Callable[[str], None],
) -> Found:
    """One network: from its file, or else from the images."""
    settings: dict[str, Any] = {
        "weights": case.weights,
        "layer": case.subject.layer,
        "size": case.subject.size,
        "images": getattr(options, case.subject.images),
        **{name: getattr(options, name) for name in MEASURED},
    }
    if part := parts.load(case.name, settings):
        say(f"{case}: done before")
        return Found(case, *part)
    found = measure(case, options, progress=progress, report=say)
    parts.save(case.name, found.record, found.arrays, settings)
    return found


def _model(
    options: Options, parts: Parts, say: Callable[[str], None]
) -> dict[str, np.ndarray]:
    """The summation model, from its file or run."""
    settings: dict[str, Any] = {"n_runs": options.n_runs, "seed": options.seeds[0]}
    if part := parts.load(MODEL, settings):
        return part[1]
    say(f"running the summation model {options.n_runs:,} times")
    model = summation_model(**settings)
    runs = model.curves[~np.isnan(model.curves).any((1, 2))]
    curves = runs.mean(0) if len(runs) else np.full(model.curves.shape[1:], np.nan)
    arrays = {
        "levels": model.levels,
        "share": model.share,
        "decreasing": model.decreasing,
        "increasing": model.increasing,
        "curves": curves,
        **widths(model.levels, curves, "tuning"),
    }
    parts.save(MODEL, {}, arrays, settings)
    return arrays
