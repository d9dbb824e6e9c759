"""The measuring core: methods take turns, and samples are scaled to the whole.

A method is called with items (units, sizes of a prefix, numbers of masks) and returns
`Parts`, once everything it computes is there. A full run takes
``once + work * (all items / items)``.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from . import machine

# Idle threads of one method (torch, OpenBLAS, joblib) spin before they sleep.
SETTLE = 0.3
# A fast method is repeated so long, or so often, in every round.
ROUND_SECONDS, ROUND_CALLS = 0.5, 20
DTYPES = ("float64", "float32")


class Parts(NamedTuple):
    """Values, and the seconds spent once and on the items."""

    values: Any
    once: float
    work: float


@dataclass(frozen=True)
class Method:
    """One way of doing one task.

    Attributes
    ----------
    call : callable
        From items to `Parts`.
    items : ndarray
        All the items of the task.
    whole : bool
        Always does all items at once, whatever it is given.
    ours : bool
        The first call compiles, and is reported apart.
    importances : bool
        The values are importances, not scores.
    sample : int or None
        Do so many items; None finds out how many take long enough.
    first : int or None
        So many items are enough for the first call of a method that does all.
    skipped : str or None
        Why it cannot run here.
    """

    task: str
    key: str
    label: str
    call: Callable[[np.ndarray], Parts]
    items: np.ndarray
    whole: bool = False
    ours: bool = False
    importances: bool = False
    sample: int | None = None
    first: int | None = None
    dtype: str = "float64"
    skipped: str | None = None


@dataclass(frozen=True)
class Protocol:
    """Rounds, least seconds of a sample, and seconds after which rounds are enough.

    With `memory`, what ours takes beyond what is in use is measured in this process.
    """

    rounds: int = 3
    sample_seconds: float = 2.0
    patience: float = np.inf
    memory: bool = False


QUICK = Protocol(rounds=2, sample_seconds=0.3)
# Out of memory on a device is a RuntimeError.
UNABLE = (ImportError, OSError, RuntimeError, MemoryError)


class Run:
    """A method, the items it does each time, and the seconds it took.

    Attributes
    ----------
    skipped : str or None
        Why it could not run here.
    parts : Parts
        What the last call returned.
    """

    parts: Parts

    def __init__(self, method: Method, protocol: Protocol) -> None:
        self.method, self.protocol, self.skipped = method, protocol, method.skipped
        self.items, self.first, self.space = method.items, None, {}
        self.seconds: list[float] = []
        self.spent = 0.0
        self._attempt(self._begin)

    def _attempt(self, work: Callable[[], None]) -> None:
        """Do some of it; a method that fails does so alone."""
        if not self.skipped:
            try:
                work()
            except UNABLE as error:
                self.skipped = (str(error) or repr(error)).splitlines()[0][:200]

    def _begin(self) -> None:
        method, before = self.method, machine.device_stats()
        start = time.perf_counter()
        if method.whole or method.sample is not None:
            self.items = spread(method.items, method.sample or len(method.items))
            self.parts = method.call(self.items[: method.first])
        else:
            self._find_sample()
        if method.ours:
            self.first = time.perf_counter() - start
        if method.ours and self.protocol.memory:
            self.space = machine.device_rise(before)
            self.space |= machine.rise(lambda: method.call(self.items))

    def _find_sample(self) -> None:
        n = 4
        while True:
            self.items = spread(self.method.items, n)
            self.parts = self.method.call(self.items)
            work, done = max(self.parts.work, 1e-6), len(self.items)
            wanted = self.protocol.sample_seconds
            if work >= wanted or done == len(self.method.items):
                return
            # In steps: the first calls import, start threads and warm caches.
            n = int(np.ceil(done * np.clip(1.2 * wanted / work, 1.2, 4)))

    def once_round(self) -> None:
        """Time it in one round, unless earlier ones took long."""
        if self.spent <= self.protocol.patience:
            self._attempt(self._round)

    def _round(self) -> None:
        time.sleep(SETTLE)
        spent = 0.0
        for _ in range(ROUND_CALLS):
            call = timed(self.method.call, self.items)
            self.parts = call.values
            done, of = len(self.items), len(self.method.items)
            self.seconds.append(total(self.parts, done, of))
            spent += call.work
            if spent >= ROUND_SECONDS:
                break
        self.spent += spent

    def record(self) -> dict[str, Any]:
        """What is kept of it."""
        method = self.method
        head = {"task": method.task, "key": method.key, "label": method.label}
        head["dtype"] = method.dtype
        if self.skipped:
            return head | {"skipped": self.skipped}
        return (
            head
            | self.space
            | {
                "ours": method.ours,
                "median": statistics.median(self.seconds),
                "min": min(self.seconds),
                "max": max(self.seconds),
                "seconds": self.seconds,
                "compile_and_first": self.first,
                "done": len(self.items),
                "of": len(method.items),
            }
        )


def measure(methods: list[Method], protocol: Protocol) -> list[Run]:
    """Runs of methods, timed in turns: drift hits all alike."""
    runs = [Run(method, protocol) for method in methods]
    for number in range(protocol.rounds):
        if len(runs) > 1:
            say(f"  round {number + 1} of {protocol.rounds}")
        for run in runs:
            run.once_round()
    for run in runs:
        took = f"skipped ({run.skipped})"
        if not run.skipped:
            record = run.record()
            took = f"{record['median']:.4g} s{scaled(record)}"
        say(f"  {run.method.task}: {run.method.label}: {took}")
    return runs


def spread(items: np.ndarray, n: int) -> np.ndarray:
    """Choose n items evenly, both ends included."""
    if n >= len(items):
        return items
    places = np.linspace(0, len(items) - 1, max(n, 2)).round().astype(int)
    return items[np.unique(places)]


def total(parts: Parts, done: int, of: int) -> float:
    """Seconds that all items would take."""
    return parts.once + parts.work * of / done


def scaled(record: dict[str, Any]) -> str:
    """Say that a time was scaled, if it was."""
    if record["done"] == record["of"]:
        return ""
    return f", scaled from {record['done']:,} of {record['of']:,}"


def timed(function: Callable[..., Any], *args: Any, **options: Any) -> Parts:
    """A whole public call, NumPy in and out."""
    start = time.perf_counter()
    values = function(*args, **options)
    return Parts(values, 0.0, time.perf_counter() - start)


def clock(
    function: Callable[..., Any], *args: Any, **options: Any
) -> tuple[Any, float, float]:
    """Result of a call, seconds on the clock, and of processor time for each core."""
    before = time.process_time()
    parts = timed(function, *args, **options)
    return parts.values, parts.work, (time.process_time() - before) / machine.cores()


def say(text: str) -> None:
    """One line of progress."""
    print(text, file=sys.stderr, flush=True)


def alone(module: str, *words: str, **environment: str) -> str:
    """Run a module of this package in a process of its own; return what it prints.

    Raises
    ------
    subprocess.CalledProcessError
        It failed.
    """
    variables = os.environ | environment
    # What was compiled by an earlier process would make compiling look cheap.
    variables.pop("JAX_COMPILATION_CACHE_DIR", None)
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *words],
        cwd=machine.ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout
