"""The whole pruning again, for targets whose condition labels are permuted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import Any

import numpy as np

from ...base.arrays import n_conditions, pair_index, squareform
from ...engine.curves import best_prefix, curves
from ...engine.importances import importances, ranking
from ...engine.problem import Problem, make_problem, scoring_options
from ...execution import budget
from ...execution.pieces import pieces_of
from ...execution.run import run
from ...io.checkpoints import Checkpoints
from ...results import Pruning

# Of the checkpoints.
NAME = "permutations"

# What is kept of a pruning: scores of all units and of the best prefix, and its size;
# (K, ...) each, K being the number of targets, or 1 where they are pooled.
Scores = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Repeated:
    """A pruning that is to be done again with other targets, each in one thread.

    Attributes
    ----------
    problem : Problem
        Features and options; with the observed targets.
    path : str
        Path of the importances.
    batch_size : int or None
    sizes : ndarray of int (S,)
        Numbers of units that are scored.
    """

    problem: Problem
    path: str
    batch_size: int | None
    sizes: np.ndarray

    @staticmethod
    def of(
        observed: Pruning, features: Any, target: Any, options: Mapping[str, Any]
    ) -> Repeated:
        """Repeat a pruning that `prune` did with these options."""
        given = {"metric": "correlation", "compare": "pearson", **options}
        given = scoring_options(given)
        given.pop("batch_size", None)
        problem = make_problem(features, target, groups=options.get("groups"), **given)
        return Repeated(
            problem,
            observed.paths["importance"],
            options.get("batch_size"),
            observed.sizes,
        )

    def on_each_device(self) -> list[Repeated]:
        """One for each device, which then has all units; or this one, in each thread.

        Devices of several processes share the units: what one process left out, the
        others would wait for.
        """
        layer, shards = self.problem.layer, self.problem.layer.shards
        devices = list(shards.local)
        if shards.distributed or not shards.several:
            devices = [layer.device.jax_device]
        repeated = []
        for one in devices:
            device, changes = replace(layer.device, jax_device=one, threads=1), {}
            if len(devices) > 1:
                alone = replace(shards, devices=(one,))
                pieces = pieces_of(layer.features, device, alone)
                changes = {"shards": alone, "pieces": pieces}
            alike = replace(layer, device=device, **changes)
            repeated.append(replace(self, problem=replace(self.problem, layer=alike)))
        if shards.several:
            return repeated
        return repeated * layer.device.workers

    @property
    def compared(self) -> np.ndarray:
        """Conditions with at least one pair, in any target."""
        everything = np.arange(n_conditions(self.problem.targets.shape[1]))
        groups = self.problem.groups
        rows = [everything if g.rows is None else g.rows for g in groups]
        return np.unique(np.concatenate(rows))

    def prunings(self, targets: np.ndarray) -> Iterator[Scores]:
        """Prune for each of several ``(c, k, P)`` sets of k targets."""
        c, k, n_pairs = targets.shape
        settings = self.problem.settings
        everything = self.problem.aimed_at(targets.reshape(c * k, n_pairs))
        each = replace(everything, settings=replace(settings, pool="each"))
        full, _, importance = importances(each, self.path, self.batch_size, False)
        full, importance = full.reshape(c, k), importance.reshape(c, k, -1)
        if settings.pool == "mean":
            full, importance = full.mean(1)[:, None], importance.mean(1)[:, None]
        for target, score, order in zip(
            targets, full, map(ranking, importance), strict=True
        ):
            problem = self.problem.aimed_at(target)
            shared = order[0] if len(order) == 1 else order
            curve = curves(problem, shared, self.batch_size, False, self.sizes)
            curve = np.atleast_2d(curve)
            nowhere = np.asarray(np.isnan(curve).all(1))
            size, best = best_prefix(np.where(nowhere[:, None], 0, curve), self.sizes)
            yield {
                "full": score,
                "best": np.where(nowhere, np.nan, best),
                "size": np.where(nowhere, 0, size),
            }


@dataclass(frozen=True)
class Chunk:
    """Permutations from `start` to `stop`, and their scores if they are known."""

    start: int
    stop: int
    scores: Scores | None


def chunks_of(n_permutations: int, size: int, checkpoints: Checkpoints) -> list[Chunk]:
    """Cover all permutations with chunks that are kept, and others to be done."""
    chunks, start = [], 0
    while start < n_permutations:
        scores = checkpoints.load(NAME, start=start)
        length = size if scores is None else scores["best"].shape[1]
        stop = min(start + length, n_permutations)
        chunks.append(Chunk(start, stop, scores))
        start += length
    return chunks


def permuted_prunings(
    repeated: Repeated,
    observed: Scores,
    n_permutations: int,
    seed: int,
    checkpoints: Checkpoints,
    progress: bool,
) -> Scores:
    """Scores ``(K, m)`` of m prunings for permuted targets.

    The permutations of a chunk share what their importances have in common; every
    thread, or device, prunes for a chunk of its own.
    """
    problem, (k, n_pairs) = repeated.problem, repeated.problem.targets.shape
    each = repeated.on_each_device()
    together = budget.targets_together(n_pairs, problem.n_ranked, problem.device)
    size = min(max(together // k, 1), -(-n_permutations // len(each)))
    free: SimpleQueue[Repeated] = SimpleQueue()
    for one in each:
        free.put(one)
    rows, n = repeated.compared, n_conditions(n_pairs)
    out = {
        name: np.empty((len(values), n_permutations), values.dtype)
        for name, values in observed.items()
    }

    def task(chunk: Chunk) -> Iterator[int]:
        scores, within = chunk.scores, range(chunk.start, chunk.stop)
        if scores is None:
            orders = [relabelled(n, rows, seed, index) for index in within]
            targets = np.stack([permuted(problem.targets, order) for order in orders])
            prunings, one = [], free.get()
            try:
                for pruning in one.prunings(targets):
                    prunings.append(pruning)
                    yield 1
            finally:
                free.put(one)
            # Round-off may not decide on a permutation that changes nothing.
            same = _equal(targets, problem.targets, problem.settings.pool)
            scores = {
                name: np.where(same, values, [one[name] for one in prunings]).T
                for name, values in observed.items()
            }
            checkpoints.save(NAME, scores, start=chunk.start)
        else:
            yield len(within)
        for name, values in scores.items():
            out[name][:, chunk.start : chunk.stop] = values[:, : len(within)]

    run(
        task,
        chunks_of(n_permutations, size, checkpoints),
        workers=len(each),
        progress=progress,
        title="permutations",
        total=n_permutations,
        unit="permutations",
    )
    return out


def _equal(permuted: np.ndarray, targets: np.ndarray, pool: str) -> np.ndarray:
    """Which of the targets ``(c, k, P)`` are the observed ones: ``(c, K)``."""
    both_missing = np.isnan(permuted) & np.isnan(targets)
    same = ((permuted == targets) | both_missing).all(-1)
    return same.all(1, keepdims=True) if pool == "mean" else same


def relabelled(n: int, rows: np.ndarray, seed: int, index: int) -> np.ndarray:
    """Order of n conditions in a permutation, in which only `rows` move."""
    source = np.random.SeedSequence(seed, spawn_key=(index,))
    order = np.arange(n)
    order[rows] = np.random.default_rng(source).permutation(rows)
    return order


def permuted(targets: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Condensed targets ``(k, P)`` with their conditions in another order."""
    position = squareform(np.arange(targets.shape[1]))
    i, j = pair_index(len(order))
    return targets[:, position[order[i], order[j]]]
