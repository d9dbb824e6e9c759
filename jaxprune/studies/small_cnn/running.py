"""From stimuli to the numbers of every network, one part after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...io.checkpoints import digest
from ...stimuli import one_to_ten
from .._parts import Parts
from .measuring import measure
from .networks import NETWORK, TRAINED, UNTRAINED, cifar, trained
from .options import SMALL, VARIANTS, Options, Variant

PARTS = "parts"


@dataclass(frozen=True, eq=False)
class Found:
    """One network, with one variant of the stimuli; see :func:`~.measuring.measure`.

    Attributes
    ----------
    version, variant : str
    seed : int
    record : dict
    arrays : dict of ndarray
    """

    version: str
    variant: str
    seed: int
    record: dict[str, Any]
    arrays: dict[str, np.ndarray]

    @property
    def share(self) -> float:
        """Share of selective units."""
        return self.record["n_selective"] / self.record["n_units"]

    @property
    def preferring(self) -> np.ndarray:
        """Number of selective units that prefer 1, 2, ... 10."""
        chosen = self.arrays["prefer"][self.arrays["mask"]]
        return np.bincount(chosen, minlength=len(self.arrays["rdm"]))


@dataclass(frozen=True, eq=False)
class SmallCNN:
    """What the study found.

    Attributes
    ----------
    options : Options
    found : tuple of Found
        By version, seed and variant.
    seconds : float
        Time that this run took, parts that were done before not counted.
    """

    options: Options
    found: tuple[Found, ...]
    seconds: float

    @property
    def groups(self) -> dict[tuple[str, str], tuple[Found, ...]]:
        """All seeds of each version and variant."""
        keys = dict.fromkeys((found.version, found.variant) for found in self.found)
        return {
            key: tuple(f for f in self.found if (f.version, f.variant) == key)
            for key in keys
        }


def run(
    options: Options = SMALL,
    folder: str | Path | None = None,
    *,
    progress: bool = False,
    report: Callable[[str], None] | None = None,
) -> SmallCNN:
    """Look for number detectors in a small network, as a student did.

    Parameters
    ----------
    options : Options
    folder : str or Path, optional
        Every network is kept in its folder ``parts`` when it is done, and after every
        epoch of training, so that a run that was interrupted goes on when it is
        repeated.
    progress : bool
        Show a progress bar of the training on stderr.
    report : callable, optional
        Called with a line of text before each step.

    Returns
    -------
    SmallCNN

    Raises
    ------
    FileNotFoundError
        If there is no such file of images.
    ValueError
        If it does not hold what is needed.
    """
    start = time.perf_counter()
    say = report or (lambda text: None)
    parts = Parts(None if folder is None else Path(folder).expanduser() / PARTS)
    data = None if options.cifar is None else cifar(options.cifar)
    versions = (UNTRAINED,) if data is None else (UNTRAINED, TRAINED)
    identity = {"n_instances": options.n_instances}
    learned = {
        "epochs": options.epochs,
        "cifar": "" if data is None else digest(*data.values()),
    }
    found = []
    for version in versions:
        for seed in options.seeds:
            say(f"{version} network, seed {seed}")
            settings = identity | learned if version == TRAINED else identity
            found += _look(version, seed, data, options, parts, settings, progress)
    return SmallCNN(options, tuple(found), time.perf_counter() - start)


def _look(
    version: str,
    seed: int,
    data: dict[str, np.ndarray] | None,
    options: Options,
    parts: Parts,
    settings: dict[str, Any],
    progress: bool,
) -> list[Found]:
    """One network with both variants: from its files, or else from the images."""
    names: dict[Variant, str] = {
        variant: f"{version}-seed{seed}-{variant}" for variant in VARIANTS
    }
    kept = {variant: parts.load(name, settings) for variant, name in names.items()}
    if not all(kept.values()):
        import jaxprune_ports as jpp

        net, learned = jpp.create(NETWORK, seed), {}
        if version == TRAINED:
            assert data is not None
            waiting = parts.file(f"training-seed{seed}")
            net, learned = trained(data, options, seed, waiting, progress=progress)
        for variant, name in names.items():
            stimuli = one_to_ten(options.n_instances, seed, variant=variant)
            record, arrays = measure(net, stimuli)
            kept[variant] = {**record, **learned}, arrays
            parts.save(name, {**record, **learned}, arrays, settings)
    return [
        Found(version, variant, seed, *part)
        for variant, part in kept.items()
        if part is not None
    ]
