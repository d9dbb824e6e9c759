"""How much is computed at once: from bytes to batches.

On a CPU what matters is the cache: a batch that leaves it costs more than it saves. On
an accelerator a step costs the same few microseconds however little it does, so batches
are as large as a share of the memory allows.
"""

from __future__ import annotations

import numpy as np

from ..base.arrays import RUN
from .devices import ComputeDevice

# On a CPU, the RDMs of a batch of prefixes should stay in an eighth of the second-level
# cache (2 MiB a core), beside their sums and what is taken for each pair.
CACHE = 2**18
# Share of the memory that batches of RDMs may use besides their inputs, all threads
# together; as much is for pieces of the layer, and the rest for those that stay.
BATCHES = 4
# Arrays of the size of the batch's RDMs that are alive at once: 5.9 of a TPU's, where
# sums in float64 are pairs of float32 (`benchmarks.accelerators`).
ALIVE = 6


# Batches of prefixes that a call goes through: more would only fill memory.
BATCHES_PER_CHUNK = 64

# Targets that share what a closed form computes without them. Sixteen leave little of
# it to each (92 x 25,088: 12 of 52 ms are the target's own), and more would wait longer
# before they are kept.
TARGETS = 16

# Columns that the closed forms work on together. On a CPU anything from 128 to 512 is
# equally fast, and cache holds what is alive: at most 16 (n, B) arrays in each thread.
SMALLEST_BLOCK, LARGEST_BLOCK = 128, 512
# On an accelerator a step costs the same few microseconds however little it does: 16
# steps a million units took 53 ms, 250 took 82 (H200, 200 conditions, float64).
ACCELERATOR_BLOCK = 2**18
BLOCK_ARRAYS = 16
# Columns whose products are summed together: on a CPU enough for a matrix product, and
# few enough to stay in cache; on an accelerator, more bring no speed (H200), and in
# float32 a long sum of products loses digits. A few copies of them are alive.
SUMMED, ACCELERATOR_SUMMED, SUMMED_ARRAYS = 2**10, 2**14, 4
# On an accelerator, bytes of the RDMs of a batch of prefixes: a kernel should take
# longer than its launch, and about what its second-level cache holds.
ACCELERATOR_CACHE, MOST_PREFIXES = 2**26, 4096


def units_per_block(
    device: ComputeDevice, given: int | None, limit: int, rows: int
) -> int:
    """Units that a closed form works on together, of `limit` in all.

    On a CPU, as many as keep the intermediates of all threads below the features.
    """
    block = ACCELERATOR_BLOCK
    if device.on_cpu:
        fitting = limit // (BLOCK_ARRAYS * device.workers)
        block = min(max(fitting, SMALLEST_BLOCK), LARGEST_BLOCK)
    each = BLOCK_ARRAYS * rows * np.dtype(device.dtype).itemsize
    fitting = device.memory // BATCHES // (device.workers * each)
    return min(given or max(min(block, fitting), 1), limit)


def units_summed(device: ComputeDevice, rows: int) -> int:
    """Units whose products are summed together."""
    if device.on_cpu:
        return SUMMED
    each = SUMMED_ARRAYS * rows * np.dtype("float64").itemsize
    return max(min(ACCELERATOR_SUMMED, device.memory // BATCHES // each), SUMMED)


def prefixes_per_batch(
    n_pairs: int, device: ComputeDevice, given: int | None, limit: int
) -> int:
    """Prefixes whose RDMs ``(B, P)`` are computed side by side."""
    limit = bucket(limit)
    if given is not None:
        return min(given, limit)
    cache, most = (CACHE, RUN) if device.on_cpu else (ACCELERATOR_CACHE, MOST_PREFIXES)
    memory = min(cache, device.memory // BATCHES)
    batch = min(memory // (n_pairs * np.dtype(device.dtype).itemsize), most)
    # Below 8 the overhead of a step shows; longer batches are cut in whole runs.
    return int(min(batch // RUN * RUN if batch > RUN else max(batch, 8), limit))


def units_per_chunk(
    device: ComputeDevice, batch: int, limit: int, row_bytes: int
) -> int:
    """Units of a segment that are gathered together: whole batches, `limit` in all.

    As few chunks as memory allows, all of nearly the same length.

    Parameters
    ----------
    row_bytes : int
        Bytes of one unit in each segment.
    """
    batches = -(-limit // batch)
    # What is gathered, its copy on the device, and (of several processes) both sides
    # of the exchange.
    fitting = device.memory // BATCHES // (4 * batch * row_bytes)
    most = min(max(fitting, 1), BATCHES_PER_CHUNK)
    chunks = -(-batches // most)
    return batch * min(bucket(-(-batches // chunks)), max(most, 1))


def bucket(number: int) -> int:
    """8 to 15 times a power of two, and at least the number given.

    What has such shapes shares compiled kernels, and wastes an eighth at most.

    >>> [bucket(n) for n in (0, 1, 20, 4096, 25_088, 200_704)]
    [1, 1, 20, 4096, 26624, 212992]
    """
    step = 1 << max(max(number, 1).bit_length() - 4, 0)
    return max(-(-number // step) * step, 1)


def units_per_batch(
    n_pairs: int, device: ComputeDevice, given: int | None, limit: int
) -> int:
    """Units whose RDMs ``(B, P)`` without them are computed side by side."""
    if given is not None:
        return min(given, limit)
    batch = _fitting(n_pairs, 0, device) // device.workers
    # On a CPU, 64 hide the cost of a call; more would only leave the cache.
    return int(min(max(batch, 1), 64 if device.on_cpu else 4096, limit))


def masks_per_batch(
    n_pairs: int, n_units: int, device: ComputeDevice, given: int | None, limit: int
) -> int:
    """Masks ``(B, N)`` whose RDMs ``(B, P)`` are computed side by side."""
    if given is not None:
        return min(given, limit)
    return int(min(max(_fitting(n_pairs, n_units, device), 1), limit))


def targets_together(n_pairs: int, n_units: int, device: ComputeDevice) -> int:
    """Targets whose importances ``(k, N)`` each thread computes side by side."""
    # Importances, scores and their copies; matrices of a target and of its products.
    each = 8 * (ALIVE * n_units + 6 * n_pairs)
    fitting = device.memory // BATCHES // (device.workers * each)
    return int(min(max(fitting, 1), TARGETS))


def inputs_per_batch(
    n_values: int, device: ComputeDevice, given: int | None, limit: int
) -> int:
    """Masked layers from which is read side by side, each taking so many numbers."""
    if given is not None:
        return min(given, limit)
    each = n_values * np.dtype(device.dtype).itemsize
    return int(min(max(device.memory // BATCHES // each, 1), limit))


def _fitting(n_pairs: int, n_units: int, device: ComputeDevice) -> int:
    """RDMs, with a mask in bytes on the host and on the device each, that fit."""
    itemsize = np.dtype(device.dtype).itemsize
    return device.memory // BATCHES // (ALIVE * n_pairs * itemsize + 2 * n_units)
