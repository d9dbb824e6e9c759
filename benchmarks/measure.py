"""Timing: samples scaled to the whole, in rounds that every method takes part in."""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from .methods import Method
from .rivals import Parts

# Idle threads of one method (torch, OpenBLAS, joblib) spin before they sleep.
SETTLE = 0.3
# A fast method is repeated so long, or so often, in every round.
ROUND_SECONDS, ROUND_CALLS = 0.5, 20


@dataclass(frozen=True)
class Protocol:
    """How long to measure: rounds, and seconds a sample should take at least."""

    rounds: int = 3
    sample_seconds: float = 2.0


QUICK = Protocol(rounds=2, sample_seconds=0.3)


def say(*text: Any) -> None:
    """One line of progress."""
    print(*text, file=sys.stderr, flush=True)


def spread(items: np.ndarray, n: int) -> np.ndarray:
    """Choose n items evenly, both ends included."""
    if n >= len(items):
        return items
    places = np.linspace(0, len(items) - 1, max(n, 2)).round().astype(int)
    return items[np.unique(places)]


def total(parts: Parts, done: int, of: int) -> float:
    """Seconds that all items would take."""
    return parts.once + parts.work * of / done


class Run:
    """A method, the items it does each time, and the seconds it took.

    Parameters
    ----------
    method : Method
    protocol : Protocol
    """

    def __init__(self, method: Method, protocol: Protocol) -> None:
        self.method = method
        self.seconds: list[float] = []
        self.first: float | None = None
        start = time.perf_counter()
        self.items = self._choose(protocol.sample_seconds)
        if method.ours:
            self.first = time.perf_counter() - start

    def _choose(self, seconds: float) -> np.ndarray:
        method = self.method
        if method.whole or method.sample is not None:
            items = method.items
            if method.sample is not None:
                items = spread(items, method.sample)
            self.parts = method.call(items)
            return items
        n = 4
        while True:
            items = spread(method.items, n)
            self.parts = method.call(items)
            work = max(self.parts.work, 1e-6)
            if work >= seconds or len(items) == len(method.items):
                return items
            # In steps: the first calls import, start threads and warm caches.
            n = int(np.ceil(len(items) * np.clip(1.2 * seconds / work, 1.2, 4)))

    def once_round(self) -> None:
        """Time it in one round."""
        time.sleep(SETTLE)
        spent = 0.0
        for _ in range(ROUND_CALLS):
            start = time.perf_counter()
            self.parts = self.method.call(self.items)
            spent += time.perf_counter() - start
            done, of = len(self.items), len(self.method.items)
            self.seconds.append(total(self.parts, done, of))
            if spent >= ROUND_SECONDS:
                break

    def record(self) -> dict[str, Any]:
        """What is kept of it."""
        method = self.method
        return {
            "task": method.task,
            "key": method.key,
            "label": method.label,
            "dtype": method.dtype,
            "ours": method.ours,
            "median": statistics.median(self.seconds),
            "min": min(self.seconds),
            "max": max(self.seconds),
            "seconds": self.seconds,
            "compile_and_first": self.first,
            "done": len(self.items),
            "of": len(method.items),
        }


def measure(methods: list[Method], protocol: Protocol) -> list[dict[str, Any]]:
    """Records of methods timed in turns, so that drift hits all alike."""
    runs: list[Run | dict[str, Any]] = []
    for method in methods:
        if method.skipped:
            say(f"  {method.label}: skipped ({method.skipped})")
            runs.append(
                {
                    "task": method.task,
                    "key": method.key,
                    "label": method.label,
                    "skipped": method.skipped,
                }
            )
        else:
            runs.append(Run(method, protocol))
    for number in range(protocol.rounds):
        say(f"  round {number + 1} of {protocol.rounds}")
        for run in runs:
            if isinstance(run, Run):
                run.once_round()
    records = [run.record() if isinstance(run, Run) else run for run in runs]
    for record in records:
        if "median" in record:
            say(f"  {record['label']}: {record['median']:.4g} s{scaled(record)}")
    return records


def scaled(record: dict[str, Any]) -> str:
    """Say that a time was scaled, if it was."""
    if record.get("done") == record.get("of"):
        return ""
    return f" (scaled from {record['done']:,} of {record['of']:,})"
