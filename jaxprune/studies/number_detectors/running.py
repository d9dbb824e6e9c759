"""From stimuli to the numbers of every layer, network by network."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...numerosity import CellMoments
from ...stimuli import StimulusSet, karami32
from .._parts import Parts
from .cases import Case, cases_of
from .layer import Layer, analyse
from .options import SMALL, Options
from .table import COLUMNS, Row

PARTS = "parts"
Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class NumberDetectors:
    """What the study found.

    Attributes
    ----------
    options : Options
    cases : tuple of Case
        Networks, by version and seed.
    layers : dict of (Case, str) to Layer
    seconds : float
        Time that this run took, parts that were done before not counted.
    """

    options: Options
    cases: tuple[Case, ...]
    layers: dict[tuple[Case, str], Layer]
    seconds: float

    @property
    def rows(self) -> list[Row]:
        """The table."""
        return [row for layer in self.layers.values() for row in layer.rows]

    @property
    def versions(self) -> list[tuple[str, str]]:
        """Networks and versions, each once."""
        return list(dict.fromkeys((case.network, case.version) for case in self.cases))


def run(
    options: Options = SMALL,
    folder: str | Path | None = None,
    *,
    progress: bool = False,
    report: Say | None = None,
) -> NumberDetectors:
    """Show dot arrays to networks, and compare pruned units with number detectors.

    Parameters
    ----------
    options : Options
    folder : str or Path, optional
        Every layer is kept in its folder ``parts`` when it is done, so that a run that
        was interrupted goes on when it is repeated.
    progress : bool
        Show progress bars on stderr.
    report : callable, optional
        Called with a line of text before each step.

    Returns
    -------
    NumberDetectors

    Raises
    ------
    FileNotFoundError
        If a folder of weights holds no network.
    ValueError
        If it holds another one than the study looks at, or stimuli cannot be drawn.
    """
    start = time.perf_counter()
    report = report or (lambda text: None)
    parts = Parts(None if folder is None else Path(folder).expanduser() / PARTS)
    cases = cases_of(options)

    @lru_cache(maxsize=1)
    def stimuli(seed: int) -> StimulusSet:
        report(f"drawing 32 x {options.n_instances} dot arrays, seed {seed}")
        return karami32(options.n_instances, seed, options.size)

    layers = {}
    for number, case in enumerate(cases, 1):
        say = _prefixed(report, f"[{number}/{len(cases)}] {case}: ")
        layers |= _look(case, options, parts, stimuli, progress, say)
    return NumberDetectors(options, cases, layers, time.perf_counter() - start)


def _look(
    case: Case,
    options: Options,
    parts: Parts,
    stimuli: Callable[[int], StimulusSet],
    progress: bool,
    say: Say,
) -> dict[tuple[Case, str], Layer]:
    """All layers of one network: from their files, or else from the images."""
    done = {}
    for layer in options.layers:
        if part := parts.load(_name(case, layer), _settings(case, options)):
            done[layer] = Layer.of(*part)
    missing = [layer for layer in options.layers if layer not in done]
    if not missing:
        say("done before")
    else:
        shown = stimuli(case.seed)
        say(f"showing {len(shown.images):,} images")
        waiting = parts.file(f"{_name(case, 'responses')}.h5")
        for layer, cells in _responses(case, missing, shown, waiting, progress):
            say(f"{layer}, {cells.n_units:,} units")
            found = analyse(
                cells,
                network=case.network,
                version=case.version,
                layer=layer,
                seed=case.seed,
                n_folds=options.n_folds,
                n_random=options.n_random,
                progress=progress,
            )
            parts.save(_name(case, layer), *found.record(), _settings(case, options))
            done[layer] = found
    return {(case, layer): done[layer] for layer in options.layers}


def _responses(
    case: Case,
    layers: list[str],
    shown: StimulusSet,
    waiting: Path | None,
    progress: bool,
) -> Iterator[tuple[str, CellMoments]]:
    """Moments of the responses, layer by layer; from the images.

    While images are shown, sums wait in a file, from which an interrupted run goes on.
    """
    import jaxprune_ports as jpp

    extraction = jpp.extract(
        case.make(),
        shown.images,
        shown.condition,
        layers,
        preprocessing=case.preprocessing(),
        moments=True,
        out=waiting,
        progress=progress,
    )
    if waiting is not None:
        # Complete, and as large as what is in memory.
        waiting.unlink()
    assert extraction.m2 is not None
    for layer in layers:
        # Taken out, because V1 alone holds 100 MB.
        mean, m2 = extraction.features.pop(layer), extraction.m2.pop(layer)
        yield layer, CellMoments(extraction.count, mean, m2, shown.factors)


def _name(case: Case, part: str) -> str:
    return f"{case.network}-{case.version}-seed{case.seed}-{part}"


def _settings(case: Case, options: Options) -> dict[str, Any]:
    """Everything that a layer's numbers depend on, beside network, layer and seed."""
    return {
        "weights": case.weights,
        "n_instances": options.n_instances,
        "size": options.size,
        "n_folds": options.n_folds,
        "n_random": options.n_random,
        "columns": COLUMNS,
    }


def _prefixed(report: Say, prefix: str) -> Say:
    return lambda text: report(prefix + text)
