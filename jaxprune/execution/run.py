"""The only loop over chunks: in threads, with progress, interruptible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from threading import Event, Lock
from typing import TypeVar

from ..base.arrays import double_precision
from ..base.progress import progress_bar

Item = TypeVar("Item")


def run(
    task: Callable[[Item], Iterator[int]],
    items: Sequence[Item],
    *,
    workers: int = 1,
    progress: bool = False,
    title: str = "",
    total: int = 0,
    unit: str = "units",
) -> None:
    """Run `task` on every item.

    Parameters
    ----------
    task : callable
        A generator that writes its own results, different items to different places,
        and yields how many units it has just finished. Between two yields it cannot
        be interrupted.
    items : sequence
    workers : int
        Threads. Kernels and NumPy's sorting release the interpreter lock.
    progress, title, total, unit
        As of :func:`bar`.
    """
    stop = Event()

    def call(item: Item) -> None:
        # The permission to use float64 belongs to a thread.
        with double_precision():
            for done in task(item):
                advance(done)
                if stop.is_set():
                    return

    with bar(title, total, unit, progress) as advance:
        if workers <= 1 or len(items) <= 1:
            for item in items:
                call(item)
            return
        futures = [_threads(workers).submit(call, item) for item in items]
        try:
            for future in futures:
                future.result()
        except BaseException:
            # An interrupt or an error: start nothing more, and only then let the items
            # that are running finish early, or their threads would begin others.
            for future in futures:
                future.cancel()
            stop.set()
            wait(futures)
            raise


@contextmanager
def bar(
    title: str, total: int, unit: str, progress: bool
) -> Iterator[Callable[[int], None]]:
    """Progress bar on stderr, for what is no loop over chunks.

    Parameters
    ----------
    title : str
        Its label.
    total : int
        Units in all.
    unit : str
        What it counts.
    progress : bool
        Whether to show it.

    Yields
    ------
    callable
        Takes how many units were finished; from any thread.
    """
    if not progress:
        yield _nothing
        return
    scale = total >= 10_000  # 12.3k of 25.1k, but 123 of 1000
    options = {"unit": f" {unit}", "unit_scale": scale, "leave": False}
    shown, lock = progress_bar(total=total, desc=title, **options), Lock()

    def advance(done: int) -> None:
        with lock:
            shown.update(done)

    try:
        yield advance
    finally:
        shown.close()


def _nothing(done: int) -> None:
    del done


@cache
def _threads(workers: int) -> ThreadPoolExecutor:
    """Threads that stay: to start them costs as much as a small layer."""
    return ThreadPoolExecutor(workers, thread_name_prefix="jaxprune")
