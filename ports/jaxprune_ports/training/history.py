"""What training came to, epoch by epoch."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from io import StringIO
from typing import Any


@dataclass(frozen=True)
class Epoch:
    """One epoch.

    Attributes
    ----------
    epoch : int
        From 1.
    loss, accuracy : float
        Cross-entropy and share of right answers, each batch before it was learned from.
    validation_accuracy : float or None
        Of other images, after the epoch; None without any.
    seconds : float
    """

    epoch: int
    loss: float
    accuracy: float
    validation_accuracy: float | None
    seconds: float


@dataclass
class Running:
    """Means over the batches of an epoch so far.

    Attributes
    ----------
    epoch : int
    lr : float
        For the message when it is too high.
    n : int
        Images.
    total : float
        Sum of their losses.
    right : int
        Right answers.
    """

    epoch: int
    lr: float
    n: int = 0
    total: float = 0.0
    right: int = 0

    def add(self, loss: Any, right: Any, n: int) -> None:
        """Add a batch: its mean loss, its right answers, its size.

        Raises
        ------
        ValueError
            If the loss is not finite.
        """
        if not math.isfinite(loss):
            raise ValueError(
                f"lr: the loss became {float(loss)} in epoch {self.epoch}, after "
                f"{self.n:,} images; give a learning rate below {self.lr:g}"
            )
        self.n += n
        self.total += n * float(loss)
        self.right += int(right)

    @property
    def loss(self) -> float:
        """Mean loss of an image."""
        return self.total / self.n

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return self.right / self.n


def best(history: Sequence[Epoch]) -> int | None:
    """First epoch with the highest validation accuracy; None where there is none.

    >>> best([Epoch(1, 2.1, 0.2, 0.3, 1.0), Epoch(2, 2.0, 0.3, 0.3, 1.0)])
    1
    """
    scored = {
        row.epoch: row.validation_accuracy
        for row in history
        if row.validation_accuracy is not None
    }
    return max(scored, key=lambda epoch: scored[epoch], default=None)


def as_csv(history: Sequence[Epoch]) -> str:
    """Return a table for ``history.csv``."""
    text = StringIO()
    names = [field.name for field in fields(Epoch)]
    table = csv.DictWriter(text, names, lineterminator="\n")
    table.writeheader()
    table.writerows(asdict(row) for row in history)
    return text.getvalue()
