"""Scores of what is read from a layer: without a unit, of masks, of prefixes.

Removed units are zero. Where the first step of the read-out is linear, removals
subtract from it and prefixes add to it; otherwise all is computed from masked layers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp
import numpy as np

from ..execution import budget
from ..execution.run import run
from ..kernels import readout as kernels
from .readout import FirstStep, Reading, Step
from .subproblem import Scores, Subproblem

# Units that join a linear first step together.
TOGETHER = 1024


def read_without(sub: Subproblem, batch_size: int | None, progress: bool) -> Scores:
    """All units, and all but one, or but those of one group.

    What never responds changes nothing, and is not computed.
    """
    reading, groups = _reading(sub), sub.unit_groups
    responds = np.asarray((reading.x != 0).any(0))
    if groups is not None:
        responds = groups.means(responds.astype(float)) > 0
    # The first is no unit: everything is in place.
    which = np.append(-1, np.flatnonzero(responds))

    def masks(start: int, stop: int) -> np.ndarray:
        some = which[start:stop]
        return sub.all_but(np.maximum(some, 0)) | (some < 0)[:, None]

    if reading.first is None:
        options = len(which), batch_size, progress, "importance"
        found = read_masks(sub, masks, *options)
    else:
        found, fragile = _subtracted(sub, reading.first, which, batch_size, progress)
        if len(fragile):
            found[:, fragile] = read_masks(
                sub,
                lambda start, stop: np.concatenate(
                    [masks(place, place + 1) for place in fragile[start:stop].tolist()]
                ),
                *(len(fragile), batch_size, progress, "importance"),
            )
    full = found[:, 0]
    scores = np.repeat(full[:, None], sub.n_ranked, 1)
    scores[:, which[1:]] = found[:, 1:]
    return full, scores, full[:, None] - scores


def read_masks(
    sub: Subproblem,
    masks: Callable[[int, int], np.ndarray],
    n_masks: int,
    batch_size: int | None,
    progress: bool,
    title: str,
) -> np.ndarray:
    """Scores ``(g, n_masks)``; ``masks(start, stop)`` makes a batch of masks."""
    reading = _reading(sub)

    def inputs(start: int, stop: int, length: int) -> jax.Array:
        filled = np.zeros((length, sub.layer.n_units), bool)
        filled[: stop - start] = masks(start, stop)
        return kernels.masked(reading.x, reading.device.put(filled))

    each = 2 * reading.x.size
    options = batch_size, progress, title
    return _scored(sub, reading.whole, inputs, n_masks, each, *options)


def read_prefixes(
    sub: Subproblem,
    order: np.ndarray,
    sizes: np.ndarray,
    batch_size: int | None,
    progress: bool,
) -> np.ndarray:
    """Scores ``(g, S)`` of the prefixes of some sizes; units in no group are in all."""
    reading, options = _reading(sub), (batch_size, progress, "reintroduction")
    if reading.first is not None:
        totals = _prefixes(sub, reading.first, order, sizes)

        def inputs(start: int, stop: int, length: int) -> jax.Array:
            batch = [next(totals) for _ in range(start, stop)]
            return jnp.stack([*batch, *batch[-1:] * (length - len(batch))])

        first = reading.first
        return _scored(sub, first.rest, inputs, len(sizes), first.total.size, *options)
    # Of each unit, how many go before it.
    place = np.full(sub.layer.n_units, sub.n_ranked)
    units, lengths = _units(sub, order)
    place[units] = np.repeat(np.arange(len(order)), lengths)
    place[_rest(sub)] = -1

    def masks(start: int, stop: int) -> np.ndarray:
        return place < sizes[start:stop, None]

    return read_masks(sub, masks, len(sizes), *options)


def _scored(
    sub: Subproblem,
    step: Step,
    inputs: Callable[[int, int, int], jax.Array],
    count: int,
    each: int,
    batch_size: int | None,
    progress: bool,
    title: str,
) -> np.ndarray:
    """Scores ``(g, count)`` of what a step makes of inputs, in batches.

    Parameters
    ----------
    inputs : callable
        From start, stop and a length to inputs ``(length, n, K)``, filled up with any:
        one compiled kernel serves all batches. In increasing order.
    each : int
        Numbers that an input takes until the step begins.
    """
    layer, (pairs, _, prepared) = sub.layer, sub.constants
    n_values = each + step.traced.n_values
    batch = budget.inputs_per_batch(n_values, layer.device, batch_size, count)
    scores = np.empty((len(sub.targets), count))

    def task(start: int) -> Iterator[int]:
        stop = min(start + batch, count)
        given = inputs(start, stop, batch)
        out = kernels.score(
            *(step.traced, layer.metric, sub.comparison),
            *(step.constants, given, pairs, prepared),
            block=budget.units_summed(layer.device, given.shape[1]),
            exponent=layer.exponent,
        )
        scores[:, start:stop] = sub.scores(out)[:, : stop - start]
        yield stop - start

    starts = range(0, count, batch)
    run(task, starts, progress=progress, title=title, total=count)
    return scores


def _subtracted(
    sub: Subproblem,
    first: FirstStep,
    which: np.ndarray,
    batch_size: int | None,
    progress: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Scores ``(g, len(which))`` without units or groups; those that cost digits."""
    reading, n_units = _reading(sub), sub.layer.n_units
    members = [_units(sub, one)[0] for one in which[1:, None]]
    # The first is no unit.
    members.insert(0, which[:0])
    longest = max(map(len, members))
    fragile = np.zeros(len(which), bool)

    def inputs(start: int, stop: int, length: int) -> jax.Array:
        units = np.full((length, longest), n_units, np.int32)
        for row, place in zip(units, range(start, stop), strict=False):
            row[: len(members[place])] = members[place]
        given = reading.x, first.weight, first.total, reading.device.put(units)
        left, weak = kernels.without(*given)
        fragile[start:stop] = np.asarray(weak)[: stop - start]
        return left

    each = 3 * first.total.size + longest * (len(reading.x) + len(first.bias))
    options = batch_size, progress, "importance"
    scores = _scored(sub, first.rest, inputs, len(which), each, *options)
    return scores, np.flatnonzero(fragile)


def _prefixes(
    sub: Subproblem, first: FirstStep, order: np.ndarray, sizes: np.ndarray
) -> Iterator[jax.Array]:
    """First step of the prefixes of some sizes, one after the other ``(n, H)``."""
    reading, n_units = _reading(sub), sub.layer.n_units
    bounds = np.append(0, sizes)
    joining = [
        _units(sub, order[start:stop])[0]
        for start, stop in zip(bounds[:-1], bounds[1:], strict=True)
    ]
    joining[0] = np.append(_rest(sub), joining[0])
    length = min(max(map(len, joining)), TOGETHER)
    total = jnp.broadcast_to(first.bias, first.total.shape)
    for units in joining:
        filled = np.full(-(-len(units) // length) * length, n_units, np.int32)
        filled[: len(units)] = units
        for some in filled.reshape(-1, length):
            given = reading.x, first.weight, total, reading.device.put(some)
            total = kernels.joined(*given)
        yield total


def _units(sub: Subproblem, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Units of some groups, one group after the other, and how many each has."""
    if sub.unit_groups is None:
        return which, np.ones(len(which), int)
    return sub.unit_groups.joined(which), sub.unit_groups.lengths[which]


def _rest(sub: Subproblem) -> np.ndarray:
    """Units that are in no group."""
    return np.empty(0, int) if sub.unit_groups is None else sub.unit_groups.rest


def _reading(sub: Subproblem) -> Reading:
    assert sub.reading is not None
    return sub.reading
