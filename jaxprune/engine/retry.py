"""Out of memory on a device: once more, with half of the memory.

How much a device can give is not known before it is asked: other programs use it too.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import jax

from ..execution.memory import size
from .problem import Problem

Result = TypeVar("Result")

# Halvings after which a device is taken for full of something else.
MOST = 6


def with_less_memory(
    compute: Callable[[Problem, int | None], Result],
    problem: Problem,
    batch_size: int | None,
) -> Result:
    """Compute; where a device has less memory than it said, with half as much.

    Parameters
    ----------
    compute : callable
        From a problem and a batch size.

    Raises
    ------
    MemoryError
        Not even a small part of the memory was there; or there are several processes,
        of which the others cannot know.
    """
    last: Exception | None = None
    for attempt in range(MOST):
        try:
            return compute(problem, batch_size)
        except jax.errors.JaxRuntimeError as error:
            if "RESOURCE_EXHAUSTED" not in str(error):
                raise
            given = size(problem.device.memory)
            if problem.layer.shards.distributed:
                raise MemoryError(
                    f"process {jax.process_index()} ran out of device memory with "
                    f"memory={given} for each device. Start all processes again with "
                    "less, e.g. half."
                ) from error
            if attempt == 0:
                warnings.warn(
                    f"Out of memory on {problem.device.name} with memory={given} for "
                    "each device: trying again with half, and half of that if need "
                    "be. Pass memory= to begin with less.",
                    RuntimeWarning,
                    stacklevel=4,
                )
            last = error
            try:
                problem = halved(problem)
            except ValueError:  # less than the smallest piece needs
                break
            batch_size = None if batch_size is None else max(batch_size // 2, 1)
    raise MemoryError(
        f"out of memory on {problem.device.name} even with memory="
        f"{size(problem.device.memory)}: other programs may hold the rest. Close them, "
        "or compute on another device (devices=)."
    ) from last


def halved(problem: Problem) -> Problem:
    """The same with half of the memory on every device."""
    half = problem.device.memory // 2
    return replace(problem, layer=problem.layer.with_memory(half))
