"""From stimuli to the numbers of every network, one part after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...numerosity.summation import summation_model
from .._parts import Parts
from .measuring import Found, measure
from .networks import Case, cases_of
from .options import SMALL, Options
from .widths import widths

PARTS, MODEL = "parts", "summation"
# Settings that decide on the numbers of a network, of either design.
MEASURED = ("area_images", "n_draws", "n_repeats", "n_pairs")


@dataclass(frozen=True, eq=False)
class Version:
    """One network with one kind of weights, over its seeds.

    Attributes
    ----------
    title : str
        Such as ``"AlexNet, untrained"``.
    found : tuple of Found
        By seed.
    """

    title: str
    found: tuple[Found, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Network and version."""
        return self.found[0].case.key

    @property
    def levels(self) -> np.ndarray:
        """Numbers shown."""
        return self.found[0].arrays["levels"]

    def has(self, name: str) -> bool:
        """Whether an array was measured, with any seed."""
        return any(name in found.arrays for found in self.found)

    def arrays(self, name: str) -> np.ndarray:
        """Array of each seed that has it, stacked."""
        return np.stack(
            [found.arrays[name] for found in self.found if name in found.arrays]
        )

    def mean(self, name: str) -> np.ndarray:
        """Mean of an array over seeds, as far as it is defined."""
        stack = self.arrays(name)
        defined = np.isfinite(stack).sum(0)
        total = np.nansum(stack, axis=0)
        return np.divide(
            total, defined, out=np.full(total.shape, np.nan), where=defined > 0
        )

    def share(self, rule: str) -> np.ndarray:
        """Share of units that a rule selects, by seed."""
        records = [found.record for found in self.found]
        return np.array([r[f"n_{rule}"] / r["n_units"] for r in records])


@dataclass(frozen=True, eq=False)
class NumberSense:
    """What the study found.

    Attributes
    ----------
    options : Options
    found : tuple of Found
        By network, version and seed.
    model : dict of ndarray
        The summation model: ``levels``, ``share``, ``decreasing`` and ``increasing``
        as in :class:`~jaxprune.numerosity.summation.Summation`, ``curves`` (means over
        runs), and ``tuning_sigma`` and ``tuning_r2`` of these.
    seconds : float
        Time that this run took, parts that were done before not counted.
    """

    options: Options
    found: tuple[Found, ...]
    model: dict[str, np.ndarray]
    seconds: float

    @property
    def versions(self) -> tuple[Version, ...]:
        """Networks and versions, each with all seeds."""
        keys = dict.fromkeys(found.case.key for found in self.found)
        grouped = [
            tuple(found for found in self.found if found.case.key == key)
            for key in keys
        ]
        return tuple(
            Version(f"{found[0].case.subject.title}, {found[0].case.version}", found)
            for found in grouped
        )


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
