"""The only loop over chunks: in threads, with progress, interruptible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from threading import Event, Lock
from typing import Any, TypeVar

from ..base.arrays import double_precision

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
    progress : bool
        Show a bar on stderr.
    title : str
        Its label.
    total : int
        Units in all.
    unit : str
        What the bar counts.
    """
    bar = _bar(total, title, unit) if progress else None
    stop, lock = Event(), Lock()

    def call(item: Item) -> None:
        # The permission to use float64 belongs to a thread.
        with double_precision():
            for done in task(item):
                if bar is not None:
                    with lock:
                        bar.update(done)
                if stop.is_set():
                    return

    try:
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
    finally:
        if bar is not None:
            bar.close()


@cache
def _threads(workers: int) -> ThreadPoolExecutor:
    """Threads that stay: to start them costs as much as a small layer."""
    return ThreadPoolExecutor(workers, thread_name_prefix="jaxprune")


def _bar(total: int, title: str, unit: str) -> Any:
    from tqdm.auto import tqdm

    scale = total >= 10_000  # 12.3k of 25.1k, but 123 of 1000
    return tqdm(total=total, desc=title, unit=f" {unit}", unit_scale=scale, leave=False)
