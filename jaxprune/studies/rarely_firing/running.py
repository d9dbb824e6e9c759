"""From images and files to all numbers, one network or set after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...io.checkpoints import digest
from .._parts import Parts
from .images import Images, images_of
from .networks import BATCH_SIZE, LR, given, trained
from .options import SMALL, ImageSet, Options
from .predicting import load, predict
from .results import Predicted, RarelyFiring, Tracked
from .tracking import measure

PARTS = "parts"
# Of the hash of settings in the name of a folder.
DIGITS = 12


def run(
    options: Options = SMALL,
    folder: str | Path | None = None,
    *,
    progress: bool = False,
    report: Callable[[str], None] | None = None,
) -> RarelyFiring:
    """Drop the units that fire most rarely, as Truong & Hasson (2022) did.

    Parameters
    ----------
    options : Options
    folder : str or Path, optional
        Every network and every set is kept in its folder ``parts`` when it is done,
        and a training after every epoch, so that a run that was interrupted goes on
        when it is repeated.
    progress : bool
        Show progress bars on stderr.
    report : callable, optional
        Called with a line of text before each step.

    Returns
    -------
    RarelyFiring

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it does not hold what is needed.
    """
    start = time.perf_counter()
    say = report or (lambda text: None)
    parts = Parts(None if folder is None else Path(folder).expanduser() / PARTS)
    # What cannot be read is found before anything is trained.
    files = [(one, *load(one)) for one in options.sets]
    networks: list[Tracked] = []
    seen = ""
    if options.tracks:
        if options.images is None:
            say("dot arrays in place of CIFAR-10")
        images = images_of(options)
        seen = images.name
        for seed in options.seeds:
            say(f"LeNet-5, seed {seed}")
            networks.append(_trained(seed, images, options, parts, progress))
        for path in options.weights:
            say(f"LeNet-5, {path}")
            networks.append(_given(path, images))
    sets = []
    for one, features, target in files:
        say(f"{one.name}: {len(features)} images, {features.shape[1]:,} units")
        sets.append(_predicted(one, features, target, options, parts, progress))
    seconds = time.perf_counter() - start
    return RarelyFiring(options, seen, tuple(networks), tuple(sets), seconds)


def _trained(
    seed: int, images: Images, options: Options, parts: Parts, progress: bool
) -> Tracked:
    """A network of one seed: from its file, or else trained."""
    name = f"lenet5-seed{seed}"
    settings = {
        "images": images.fingerprint,
        "epochs": options.epochs,
        "batch_size": BATCH_SIZE,
        "lr": LR,
    }
    kept = parts.load(name, settings)
    if kept is None:
        waiting = f"{name}-{options.epochs}-{images.fingerprint[:DIGITS]}"
        folder, epochs = parts.file(waiting), options.epochs
        assert images.train is not None
        with trained(images.train, seed, epochs, folder, progress=progress) as states:
            kept = measure(states, images), {}
            parts.save(name, *kept, settings)
    return Tracked(f"seed {seed}", True, kept[0])


def _given(path: str, images: Images) -> Tracked:
    """A network that was trained elsewhere; looked at in a second."""
    return Tracked(Path(path).name, False, measure({0: given(path)}, images))


def _predicted(
    one: ImageSet,
    features: Any,
    target: Any,
    options: Options,
    parts: Parts,
    progress: bool,
) -> Predicted:
    """A set of images: from its file, or else from its features."""
    name = f"set-{digest(features, target)[:DIGITS]}"
    settings = {
        "set": digest(features, target),
        "n_orders": options.n_orders,
    }
    kept = parts.load(name, settings)
    if kept is None:
        kept = predict(features, target, options.n_orders, progress=progress)
        parts.save(name, *kept, settings)
    return Predicted(one.name, *kept)
