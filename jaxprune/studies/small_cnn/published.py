"""What the student's report has, and what we emulated."""

from __future__ import annotations

import numpy as np

from ...report import Compared
from .networks import UNTRAINED
from .running import Found, SmallCNN

REFERENCE = "a student's report, unpublished"
SELECTIVE, F_CRITICAL, DF = "82.4", "2.43", ("9", "790")
# In words in the report: none prefer 5 or 6, and more than two thirds 1 or 2.
MIDDLE, SMALLEST = "0", "66.7"
ACCURACY = "47"
# Share of selective units in per cent before training, lowest and highest, by variant.
EMULATED = {"fixed_size": (57, 72), "constant_area": (44, 53)}


def comparisons(study: SmallCNN, version: str, variant: str) -> list[Compared]:
    """Every number that has a counterpart, means over seeds."""
    found = study.groups[version, variant]
    record = found[0].record
    rows = [
        Compared("selective units, %", 100 * _mean(found, "share"), SELECTIVE),
        Compared("critical F at .01", record["f_critical"], F_CRITICAL, 0.01),
        Compared("degrees of freedom, number", record["df"][0], DF[0]),
        Compared("degrees of freedom, residual", record["df"][1], DF[1]),
        Compared("prefer 5 or 6, %", prefer(found, 4, 6), MIDDLE),
        Compared("prefer 1 or 2, % (more than)", prefer(found, 0, 2), SMALLEST),
    ]
    if (accuracy := test_accuracy(found)) is not None:
        rows.append(Compared("CIFAR-10 test images right, %", accuracy, ACCURACY))
    return rows


def emulated(study: SmallCNN) -> list[tuple[str, float, str]]:
    """Share of selective units before training, in per cent, beside our emulation."""
    return [
        (
            variant.replace("_", " "),
            100 * _mean(study.groups[UNTRAINED, variant], "share"),
            f"{low} to {high}",
        )
        for variant, (low, high) in EMULATED.items()
    ]


def prefer(found: tuple[Found, ...], start: int, stop: int) -> float:
    """Per cent of selective units that prefer some numbers, of all seeds together."""
    counts = np.sum([f.preferring for f in found], 0)
    return float(100 * counts[start:stop].sum() / max(counts.sum(), 1))


def test_accuracy(found: tuple[Found, ...]) -> float | None:
    """Per cent of test images that are right; None where none were shown."""
    known = [f.record.get("test_accuracy") for f in found]
    shares = [accuracy for accuracy in known if accuracy is not None]
    return 100 * float(np.mean(shares)) if shares else None


def _mean(found: tuple[Found, ...], name: str) -> float:
    return sum(getattr(f, name) for f in found) / len(found)
