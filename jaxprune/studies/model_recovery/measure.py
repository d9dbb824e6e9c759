"""Layers of files or made up, how reliable subjects are, and the simulations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...base.arrays import condensed
from ...inference import model_recovery, pool
from ...io import Labelled, load_target
from ...io.labelled import InputError, short
from ...io.sharing import places
from ..framework import load_layers, named_files
from .options import RELIABILITIES, Options


def layers_of(options: Options) -> dict[str, Labelled]:
    """Read the layers that the options name, or make some up.

    Conditions are put in the order of those of the first layer, where both have
    labels. Of layers with more units than asked for, some are drawn.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If one cannot be read, or they have other conditions.
    """
    if not options.layers:
        return made_up(options.seed)
    found: dict[str, Labelled] = {}
    for name, path in named_files("layers", options.layers).items():
        found |= load_layers(name, path)
    first = next(iter(found.values()))
    return {
        name: _some_units(_in_order(first, layer), options.n_units, [options.seed, k])
        for k, (name, layer) in enumerate(found.items())
    }


def _in_order(first: Labelled, layer: Labelled) -> Labelled:
    """The layer in the order of the first one, where both have labels."""
    if first.labels is None or layer.labels is None:
        return layer
    at = places(layer, first.labels, first.source, "error", False)
    if len(at) < len(layer.labels):
        raise InputError(
            f"layers: {layer.source} has {len(layer.labels)} conditions, and "
            f"{first.source} {len(at)} of them; expected the same ones in all layers."
        )
    return replace(layer, values=np.asarray(layer.values)[at], labels=first.labels)


def _some_units(layer: Labelled, most: int, seed: list[int]) -> Labelled:
    n_units = layer.values.shape[1]
    if n_units <= most:
        return layer
    chosen = np.random.default_rng(seed).choice(n_units, most, replace=False)
    layer = layer.noted(
        f"{short(layer.source)}: {most:,} of {n_units:,} units drawn at random"
    )
    return replace(layer, values=np.asarray(layer.values)[:, np.sort(chosen)])


def reliabilities_of(options: Options) -> dict[float, str]:
    r"""How far two targets of one layer correlate, and what does so.

    RDMs of subjects correlate by :math:`r` on average, and the mean of k of them with
    that of k others by

    .. math:: \frac{k r}{1 + (k - 1) r}

    (Spearman and Brown).

    Raises
    ------
    FileNotFoundError
        If the file of subjects is missing.
    ValueError
        If it holds fewer than two subjects, or these do not agree.
    """
    chosen = options.reliability
    if options.subjects is None:
        return dict.fromkeys(chosen or RELIABILITIES, "as chosen")
    rdms = np.asarray(load_target(options.subjects).values, float)
    if rdms.ndim == 3:
        rdms = condensed(rdms)
    k, rest = divmod(len(rdms) if rdms.ndim == 2 else 1, options.sessions)
    if rest or k < 2:
        raise ValueError(
            f"subjects: {options.subjects} holds RDMs of shape {rdms.shape}, with "
            f"sessions={options.sessions}; expected as many RDMs of each subject, and "
            "at least 2 subjects."
        )
    own = np.stack([pool(part) for part in np.split(rdms, k)])
    own = own[:, ~np.isnan(own).any(0)]
    r = float(np.corrcoef(own)[np.triu_indices(k, 1)].mean())
    if r <= 0:
        raise ValueError(
            f"subjects: RDMs of {k} subjects correlate by {r:.3f} on average; expected "
            "subjects that agree. Give --reliability, or other subjects."
        )
    of_subjects = {r: "one subject", k * r / (1 + (k - 1) * r): f"mean of {k} subjects"}
    return dict.fromkeys(chosen, "as chosen") | of_subjects


def simulate(
    layers: Mapping[str, Labelled],
    reliability: float,
    n: int,
    methods: tuple[str, ...],
    options: Options,
    checkpoint: Path | None,
    progress: bool,
) -> dict[str, Any]:
    """Scores of every layer for targets of each; see `ModelRecovery.scores`."""
    found = model_recovery(
        {name: layer.values for name, layer in layers.items()},
        reliability,
        n,
        options.n_folds,
        methods=methods,
        seed=options.seed,
        checkpoint=checkpoint,
        progress=progress,
    )
    return {"scores": found.scores}


def made_up(seed: int) -> dict[str, Labelled]:
    """Three layers of 24 conditions, each a transformation of the one before."""
    rng = np.random.default_rng(seed)
    x, found = rng.normal(size=(24, 6)), {}
    for name, n_units in (("early", 80), ("middle", 60), ("late", 40)):
        mixed = x @ rng.normal(size=(x.shape[1], n_units)) / np.sqrt(x.shape[1])
        x = np.maximum(mixed + 0.3 * rng.normal(size=mixed.shape), 0)
        found[name] = Labelled(x, None, "made up")
    return found
