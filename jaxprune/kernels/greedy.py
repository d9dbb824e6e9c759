r"""Steps of a greedy search by a closed form: candidates scored, the best one moved.

Units are columns. The first ones are candidates, the others are done; the best
candidate changes places with the last one. Going backward, candidates are the units
that are left, and the one leaves without which the others score best. Going forward,
candidates are the units still out, and the one joins that scores best with those in.

The sums of the set follow its units one by one, by the rank-one change that the closed
form is written in. They are made anew at every call, and a unit that takes most of a
pattern with it ends the call. Only blocks of columns with candidates are computed: a
step costs as much as there are candidates, and one compiled kernel serves all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from .blocks import over_blocks


class Rules(NamedTuple):
    """What does not change in a search; hashable.

    Attributes
    ----------
    kernel : module
        A closed form.
    centred : bool
        `Metric.centred`.
    patterns : bool
        Dissimilarities are those of patterns that vary (or are not empty).
    zero : bool
        What is undefined is 0: the similarity of a pattern that does not, and a score.
    squared : bool
        Scores are squared before they are averaged over targets.
    pearson, complete, n_controls, block, dtype
        As the kernel takes them; the width of x is a multiple of `block`.
    """

    kernel: Any
    centred: bool
    patterns: bool
    zero: bool
    squared: bool
    pearson: bool
    complete: bool
    n_controls: int
    block: int
    dtype: str


class Search(NamedTuple):
    """Columns ``(n, W)``, the units they are ``(W,)``, and how many are candidates."""

    x: Array
    units: Array
    n_candidates: Array


class Sums(NamedTuple):
    """Sums over a set of units: what a closed form prepares its layer from."""

    products: Array
    mean: Array
    varies: Array


@partial(jax.jit, static_argnames=("rules", "steps"))
def backward(
    rules: Rules, search: Search, targets: Array, kept: Array, *, steps: int
) -> tuple[Search, Array]:
    """Let units leave, one a step; stop where the closed form cannot go on.

    Parameters
    ----------
    rules : Rules
    search : Search
        Candidates are the units left.
    targets, kept
        As in `closed_form.prepare`.
    steps : int
        At most.

    Returns
    -------
    search
    stopped : bool
        The set left has no score, or is a single unit.
    """

    def without(search: Search, place: Array) -> Sums:
        return _summed(rules, _swapped(search, place).x, search.n_candidates - 1)

    def step(carry: tuple) -> tuple:
        search, sums, done, *_ = carry
        layer = _prepared(rules, sums, search.n_candidates, targets, kept)
        able = jnp.all(jnp.isfinite(layer.full))
        losses, fragile = _losses(rules, layer, search, targets, kept)
        size = search.n_candidates - 1
        losses = _again(
            rules, search, fragile, losses, layer.full, without, size, targets, kept
        )
        place = _best(losses, search, 1)
        sums = _changed(rules, sums, _column(search.x, place), search.n_candidates, -1)
        moved = _swapped(search, jnp.where(able, place, search.n_candidates - 1))
        one = able.astype("int32")
        moved = moved._replace(n_candidates=search.n_candidates - one)
        stopped = ~able | (moved.n_candidates <= 1)
        return moved, sums, done + one, stopped, fragile[place]

    def goes_on(carry: tuple) -> Array:
        *_, done, stopped, stale = carry
        return (done < steps) & ~stopped & ~stale

    sums = _summed(rules, search.x, search.n_candidates)
    start = search, sums, jnp.int32(0), search.n_candidates <= 1, jnp.zeros((), bool)
    search, _, _, stopped, _ = lax.while_loop(goes_on, step, start)
    return search, stopped


@partial(jax.jit, static_argnames=("rules", "steps"))
def forward(
    rules: Rules,
    search: Search,
    n_units: Array,
    targets: Array,
    kept: Array,
    *,
    steps: int,
) -> tuple[Search, Array]:
    """Let units join, one a step; stop where the closed form cannot go on.

    Parameters
    ----------
    rules : Rules
    search : Search
        Candidates are the units still out.
    n_units : int
        Of the layer; columns after them only fill up.
    targets, kept, steps
        As in `backward`.

    Returns
    -------
    search
    stopped : bool
        The units in have no score, or no unit is out.
    """
    # What a pattern that does not vary is: any unit that is in tells.
    constant = _column(search.x, n_units - 1) if rules.centred else 0

    def with_one_more(sums: Sums, column: Array, size: Array) -> Sums:
        varies = sums.varies | (column != constant)[:, 0]
        return _changed(rules, sums, column, size, 1)._replace(varies=varies)

    def step(carry: tuple) -> tuple:
        search, sums, done, _ = carry
        size = n_units - search.n_candidates
        layer = _prepared(rules, sums, size, targets, kept)
        able = jnp.all(jnp.isfinite(layer.full))
        adding = layer._replace(c=-_share(rules, size, 1))
        losses, fragile = _losses(rules, adding, search, targets, kept)
        if rules.patterns:
            # Nothing has a share of the length of a pattern that has none yet.
            differs = (search.x != constant) & ~sums.varies[:, None]
            fragile |= jnp.any(differs, 0) & _candidates(search)

        def joined(search: Search, place: Array) -> Sums:
            return with_one_more(sums, _column(search.x, place), size)

        losses = _again(
            rules, search, fragile, losses, layer.full, joined, size + 1, targets, kept
        )
        place = _best(losses, search, -1)
        column = _column(search.x, place)
        moved = _swapped(search, jnp.where(able, place, search.n_candidates - 1))
        moved = moved._replace(n_candidates=search.n_candidates - able.astype("int32"))
        sums = with_one_more(sums, column, size)
        return (
            moved,
            sums,
            done + able.astype("int32"),
            ~able | (moved.n_candidates == 0),
        )

    def goes_on(carry: tuple) -> Array:
        *_, done, stopped = carry
        return (done < steps) & ~stopped

    # Those that are in come first for sums of first columns.
    width = search.x.shape[1]
    turned = (n_units - 1 - jnp.arange(width, dtype="int32")) % width
    sums = _summed(rules, search.x[:, turned], n_units - search.n_candidates)
    start = search, sums, jnp.int32(0), search.n_candidates == 0
    search, _, _, stopped = lax.while_loop(goes_on, step, start)
    return search, stopped


def _summed(rules: Rules, x: Array, n_units: Array) -> Sums:
    """Sums over the first columns, around their own mean."""
    block = rules.block
    first = x[:, :1] if rules.centred else jnp.zeros_like(x[:, :1])

    def step(index: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        total, varies = carry
        columns = lax.dynamic_slice_in_dim(x, index * block, block, 1)
        places = index * block + jnp.arange(block, dtype="int32")
        counts = (places < n_units)[None]
        varies |= jnp.any(counts & (columns != first), 1)
        chosen = jnp.where(counts, columns, 0)
        return total + jnp.sum(chosen, 1, dtype="float64"), varies

    start = jnp.zeros(len(x), "float64"), jnp.zeros(len(x), bool)
    total, varies = lax.fori_loop(0, -(-n_units // block), step, start)
    size = n_units.astype("float64")
    mean = total / size if rules.centred else jnp.zeros_like(total)
    options = {"dtype": rules.dtype, "block": block}
    products, rest = rules.kernel.piece_sums(x, mean, n_units, **options)
    if rules.centred:
        rest = rest.astype("float64")
        products -= (rest[:, None] * (rest / size)[None]).astype(rules.dtype)
        mean += rest / size
    return Sums(products, mean, varies)


def _changed(rules: Rules, sums: Sums, column: Array, size: Array, by: int) -> Sums:
    """Sums of a set of some size after one more unit, or (`by` is -1) one less."""
    deviation = rules.kernel.deviations(column, sums.mean, rules.dtype)[:, 0]
    change = by * _share(rules, size, by) * deviation[:, None] * deviation[None]
    mean = sums.mean
    if rules.centred:
        mean += by * deviation.astype("float64") / (size + by).astype("float64")
    return Sums(sums.products + change, mean, sums.varies)


def _share(rules: Rules, size: Array, by: int) -> Array:
    """Share of the products of a unit's deviations that the sums change by."""
    if not rules.centred:
        return jnp.ones((), rules.dtype)
    return size.astype(rules.dtype) / (size + by).astype(rules.dtype)


def _prepared(
    rules: Rules, sums: Sums, size: Array, targets: Array, kept: Array
) -> Any:
    """A closed form's layer of a set of units; NaN is its score if it has none."""
    layer = rules.kernel.prepare(
        (sums.products, jnp.zeros(len(kept), rules.dtype)),
        sums.mean,
        sums.varies,
        size.astype(rules.dtype),
        targets,
        kept,
        centred=rules.centred,
        pearson=rules.pearson,
        n_controls=rules.n_controls,
    )
    if not rules.patterns or rules.zero:
        return layer
    return layer._replace(full=jnp.where(jnp.all(sums.varies), layer.full, jnp.nan))


def _losses(
    rules: Rules, layer: Any, search: Search, targets: Array, kept: Array
) -> tuple[Array, Array]:
    """What the score loses with every candidate ``(W,)``; which ones to do again."""
    how: dict[str, Any] = {"pearson": rules.pearson, "complete": rules.complete}
    how["n_controls"] = rules.n_controls
    score = rules.kernel.removal(layer, targets, kept, **how)

    def one_block(start: Array) -> tuple[Array, Array, Array]:
        columns = lax.dynamic_slice_in_dim(search.x, start, rules.block, 1)
        values, fragile = score(rules.kernel.coordinates(layer, columns, rules.dtype))
        dead = ~jnp.any(columns != 0, 0)
        return _loss(rules, values, layer.full), fragile, dead

    starts = jnp.arange(0, search.x.shape[1], rules.block, dtype="int32")
    out = over_blocks(one_block, starts, search.n_candidates)
    losses, fragile, dead = (values.ravel() for values in out)
    candidates = _candidates(search)
    # Units that never respond are worth the same, and exactly so.
    dead &= candidates
    losses = jnp.where(dead, jnp.min(losses, where=dead, initial=jnp.inf), losses)
    return losses, fragile & candidates


def _loss(rules: Rules, values: Array, full: Array) -> Array:
    """Importances ``(k, B)`` -> what the mean of the scores loses ``(B,)``."""
    if rules.squared:
        values = values * (2 * full[:, None] - values)
    return jnp.mean(values, 0)


def _again(
    rules: Rules,
    search: Search,
    fragile: Array,
    losses: Array,
    full: Array,
    sums_of: Callable[[Search, Array], Sums],
    size: Array,
    targets: Array,
    kept: Array,
) -> Array:
    """Losses with those of the fragile candidates from the sums of each set."""

    def one(carry: tuple[Array, Array]) -> tuple[Array, Array]:
        fragile, losses = carry
        place = jnp.argmax(fragile).astype("int32")
        sums = sums_of(search, place)
        score = _prepared(rules, sums, size, targets, kept).full
        if rules.zero:
            score = jnp.nan_to_num(score)
        loss = _loss(rules, (full - score)[:, None], full)
        return fragile.at[place].set(False), losses.at[place].set(loss[0])

    return lax.while_loop(lambda carry: jnp.any(carry[0]), one, (fragile, losses))[1]


def _best(losses: Array, search: Search, sign: int) -> Array:
    """Place of the candidate that costs least; of equals, the last of the units.

    The first of them, if `sign` is -1.
    """
    candidates = _candidates(search)
    losses = jnp.where(jnp.isnan(losses), jnp.inf, losses)
    least = jnp.min(losses, where=candidates, initial=jnp.inf)
    equal = candidates & (losses == least)
    ranks = jnp.where(equal, sign * search.units, -len(losses) - 1)
    return jnp.argmax(ranks).astype("int32")


def _candidates(search: Search) -> Array:
    return jnp.arange(len(search.units), dtype="int32") < search.n_candidates


def _column(x: Array, place: Array) -> Array:
    return lax.dynamic_slice_in_dim(x, place, 1, 1)


def _swapped(search: Search, place: Array) -> Search:
    """The same with a candidate and the last of them in each other's place."""
    x, units, last = search.x, search.units, search.n_candidates - 1
    one, other = _column(x, place), _column(x, last)
    x = lax.dynamic_update_slice_in_dim(x, other, place, 1)
    x = lax.dynamic_update_slice_in_dim(x, one, last, 1)
    units = units.at[place].set(units[last]).at[last].set(units[place])
    return Search(x, units, search.n_candidates)
