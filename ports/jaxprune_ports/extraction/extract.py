"""From images to features: the mean response to every condition, layer by layer."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from jaxprune.base.machine import machine_memory
from jaxprune.base.paths import expanded
from jaxprune.io.labelled import some

from ..images.conditions import Conditions, conditions_of
from ..images.images import Images
from ..images.steps import Preprocessing
from ..networks.network import unit_shape
from ..weights.fingerprint import weights_hash
from .model import Model
from .moments import Moments
from .record import Extraction, checked, finish
from .rows import Features, Rows, mapped
from .state import KeptState, State
from .streaming import Batch, flatten, stream


def extract(
    net: Model,
    images: Images | np.ndarray | str | PathLike[str] | Sequence[str],
    conditions: Any = None,
    layers: Sequence[str] | str | None = None,
    *,
    preprocessing: Preprocessing | None = None,
    relu: bool = False,
    moments: bool = False,
    whole: bool = False,
    out: str | PathLike[str] | None = None,
    batch_size: int | None = None,
    on_error: str = "stop",
    progress: bool = False,
) -> Extraction:
    """Mean response of every unit to the images of every condition.

    Images are decoded in threads while the network computes. Memory does not grow with
    their number, but with that of conditions; nor with that, if each has one image and
    the result goes to a file.

    Parameters
    ----------
    net : Network or TorchNetwork
    images : path, ndarray of uint8 or Images
        What :func:`open_images` takes; of a :class:`LanguageModel` texts, or the path
        of a file with one a line.
    conditions : optional
        What :func:`conditions_of` takes; by default labels in the file, names of
        folders, or every image.
    layers : sequence of str, optional
        All of them by default; of a :class:`TorchNetwork` names or patterns.
    preprocessing : Preprocessing, optional
        By default that of the network.
    relu : bool
        Rectify the layers that a ReLU follows immediately.
    moments : bool
        Also sum the squared deviations from the mean.
    whole : bool
        Also write the activations of every image to `out`, float32 datasets
        ``activations/<layer>`` with the names of their rows in ``images``.
    out : path, optional
        HDF5 file for the result, see :meth:`Extraction.save`; an earlier result is
        replaced. With it a run that was interrupted can be repeated and goes on where
        it was: what it has done waits in the folder ``<out>.part``.
    batch_size : int, optional
        Images computed at a time; by default 8 on a CPU and 32 elsewhere.
    on_error : {"stop", "skip"}
        What to do with an image that cannot be read.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Extraction

    Raises
    ------
    ValueError
        If images, conditions, layers or an option will not do; if an image cannot be
        read, or (skipping those) a condition has no other; or if the means would take
        more memory than there is.
    FileNotFoundError
        If there is no such file or folder.
    OSError
        If `out` cannot be written, or is a file that jaxprune did not write.

    Warns
    -----
    UserWarning
        If images were skipped, units respond with NaN or infinity, or what an
        interrupted run left does not fit.

    Examples
    --------
    >>> import jaxprune_ports as jpp
    >>> images = np.zeros((4, 64, 64), np.uint8)
    >>> found = extract(
    ...     jpp.create("cornet_z"),
    ...     images,
    ...     ["cat", "cat", "dog", "dog"],
    ...     ["IT"],
    ...     preprocessing=jpp.Preprocessing(None, None),
    ... )
    >>> found.conditions.labels, found.features["IT"].shape, found.shapes["IT"]
    (('cat', 'dog'), (2, 2048), (512, 2, 2))
    """
    begin = time.monotonic()
    if on_error not in ("stop", "skip"):
        raise ValueError(f"on_error: expected 'stop' or 'skip', got {on_error!r}")
    if whole and out is None:
        raise ValueError("whole: the activations of every image go to a file; give out")
    images = net.open(images)
    known = conditions_of(images, conditions)
    layers = tuple(dict.fromkeys(net.find(layers)))
    steps = preprocessing or net.preprocessing

    # A text is a condition as a rule, and its responses are what was computed.
    dtype = np.float32 if images.kind == "text" else np.float64
    n_conditions = len(known.labels)
    one_each = out is not None and not moments and n_conditions == len(images)
    target = kept = rows = features = None
    if out is not None:
        settings = {
            "network": net.name,
            "weights": weights_hash(net),
            "computed": net.computed,
            "token": net.token,
            "layers": layers,
            "preprocessing": asdict(steps),
            "relu": relu,
            "labels": known.labels,
            "moments": moments,
            "whole": whole,
        }
        target = _target(out, images)
        kept = KeptState(target, images, known, settings, whole or one_each)
    state = kept.load() if kept else State()
    if kept and whole:
        rows = Rows(kept.rows, len(images))
    if kept and one_each:
        features = Features(kept.rows, n_conditions, dtype)
    resumed = state.done
    batches = stream(
        net,
        images,
        layers,
        preprocessing=steps,
        relu=relu,
        batch_size=batch_size,
        start=resumed,
        skip=on_error == "skip",
        progress=progress,
    )
    with closing(batches):
        _sum(batches, state, known, moments, kept, rows, features)

    used = np.delete(np.arange(len(images)), [*state.skipped])
    found = state.moments
    squares = {k: flatten(v.m2) for k, v in found.items() if v.m2 is not None}
    result = Extraction(
        features={
            k: flatten(v.mean).astype(dtype, copy=False) for k, v in found.items()
        },
        shapes={k: unit_shape((1, *shape)) for k, shape in state.shapes.items()},
        conditions=replace(known, index=known.index[used]),
        count=np.bincount(known.index[used], minlength=n_conditions),
        m2=squares or None,
        skipped=tuple((images.names[i], why) for i, why in state.skipped.items()),
        n_images=len(used),
        resumed=resumed,
        seconds=time.monotonic() - begin,
        images=images.source,
        kind=images.kind,
        network=net.name,
        source=net.source,
        computed=net.computed,
        token=net.token,
        preprocessing=steps,
        relu=relu,
    )
    if kept and target:
        if rows:
            rows.close([*state.shapes], [images.names[i] for i in used])
        if rows or features:
            finish(result, kept.rows, target)
        else:
            result.save(target)
        if features:
            result = replace(result, features=mapped(target, [*state.shapes]))
        kept.remove()
    infinite = [
        layer
        for layer, values in result.features.items()
        if not all(np.isfinite(row).all() for row in values)
    ]
    if infinite:
        warnings.warn(
            f"layers: units of {some(infinite)} respond with NaN or infinity; are "
            "weights and preprocessing those of the network?",
            stacklevel=2,
        )
    if state.skipped:
        warnings.warn(
            f"{len(state.skipped)} of {len(images)} images could not be read and were "
            f"left out: {some(name for name, _ in result.skipped)}",
            stacklevel=2,
        )
    return result


def _sum(
    batches: Iterator[tuple[Batch, dict[str, np.ndarray]]],
    state: State,
    known: Conditions,
    squares: bool,
    kept: KeptState | None,
    rows: Rows | None,
    features: Features | None,
) -> None:
    """Add all batches to the state, which is saved if something comes in between."""
    try:
        for batch, values in batches:
            if batch.failed:
                _check_left(known, state.skipped | batch.failed)
            if values and not state.shapes:
                state.shapes = {k: v.shape[1:] for k, v in values.items()}
                if features is None:
                    state.moments = _nothing(values, len(known.labels), squares)
            if values and rows:
                first = state.done - len(state.skipped)
                rows.write(first, {k: flatten(v) for k, v in values.items()})
            if values and features:
                places = known.index[batch.rows]
                features.write_at(places, {k: flatten(v) for k, v in values.items()})
            state.add(batch, values, known.index[batch.rows])
            if kept:
                kept.save_if_due(state)
    except BaseException:
        if kept:
            kept.rescue(state)
        raise


def _nothing(
    values: Mapping[str, np.ndarray], k: int, squares: bool
) -> dict[str, Moments]:
    """Sums to begin with; ValueError if there is not enough memory for them."""
    shapes = {layer: value.shape[1:] for layer, value in values.items()}
    cells = k * sum(math.prod(shape) for shape in shapes.values())
    # Float64; the largest layer is held twice while its units are put in order.
    needed = 8 * cells * (2 if squares else 1)
    memory = machine_memory() or math.inf
    if needed > memory:
        raise ValueError(
            f"conditions: the means of {k:,} conditions take {needed / 2**30:,.1f} GiB "
            f"in {', '.join(shapes)}, and this machine has {memory / 2**30:,.1f} GiB; "
            "give fewer layers, or conditions of several images"
        )
    return {name: Moments.zeros(k, shape, squares) for name, shape in shapes.items()}


def _check_left(known: Conditions, skipped: Mapping[int, str]) -> None:
    """Raise ValueError if a condition has no image but skipped ones."""
    left = np.delete(known.index, [*skipped])
    empty = np.setdiff1d(known.index, left)
    if len(empty):
        reason = next(why for i, why in skipped.items() if known.index[i] == empty[0])
        labels = some(known.labels[c] for c in empty)
        raise ValueError(
            f"conditions: no image can be read of {labels} ({reason}); repair "
            "one, or leave the condition out"
        )


def _target(out: str | PathLike[str], images: Images) -> Path:
    """Path of the result; ValueError if the images are in that file."""
    target = expanded(out)
    if target.exists() and len(images.files) == 1 and target.samefile(images.files[0]):
        raise ValueError(f"out: {target} holds the images; give another file")
    return checked(target)
