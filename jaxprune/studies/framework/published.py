"""Published numbers, from ``published.csv`` beside a study."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ...report import Compared

# Columns that every such file has; the others say what a number is of.
QUANTITY, VALUE, TOLERANCE, SOURCE = "quantity", "value", "tolerance", "source"


@dataclass(frozen=True)
class Published:
    """A table of published numbers.

    Attributes
    ----------
    rows : tuple of mapping
        ``quantity``; ``value``, text with the digits printed; ``tolerance``, the
        largest difference expected, or empty; ``source``; and what the number is of,
        in columns of any name, empty where that does not matter.
    """

    rows: tuple[Mapping[str, str], ...]

    @staticmethod
    @cache
    def of(module: str) -> Published:
        """Read the file that lies beside a module, given by its ``__name__``."""
        folder = files(module.rpartition(".")[0])
        with folder.joinpath("published.csv").open(encoding="utf-8") as file:
            return Published(tuple(csv.DictReader(file)))

    def where(self, quantity: str, **keys: Any) -> Mapping[str, str] | None:
        """The row of a number; None if it was not published.

        Examples
        --------
        >>> row = {"layer": "V1", "quantity": "full", "value": ".28", "tolerance": ""}
        >>> known = Published((row,))
        >>> known.where("full", layer="V1")["value"], known.where("full", layer="V2")
        ('.28', None)
        """
        wanted = {key: str(value) for key, value in keys.items()}
        for row in self.rows:
            if row[QUANTITY] == quantity and all(
                row[key] in ("", value) for key, value in wanted.items()
            ):
                return row
        return None

    def value(self, quantity: str, **keys: Any) -> str | None:
        """A number as it was printed; None if it was not published."""
        row = self.where(quantity, **keys)
        return row[VALUE] or None if row else None

    def compared(
        self, quantity: str, ours: float | None, name: str = "", **keys: Any
    ) -> Compared:
        """Our number beside the published one, under its own name or another one."""
        row = self.where(quantity, **keys) or {}
        tolerance = row.get(TOLERANCE)
        return Compared(
            name or quantity,
            ours,
            row.get(VALUE) or None,
            float(tolerance) if tolerance else None,
        )


def differences(rows: Iterable[Compared], **about: Any) -> list[dict[str, Any]]:
    """Numbers of ours beside published ones, for ``summary.json``."""
    names = "name", "ours", "published", "difference"
    return [{**about, **{name: getattr(row, name) for name in names}} for row in rows]
