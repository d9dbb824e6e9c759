"""What a study found, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ...base.facts import count, described
from ...plots.record import Record


@dataclass(frozen=True, eq=False, repr=False)
class Measured(Record):
    """What one part found.

    Attributes
    ----------
    about : mapping
        What it is of, such as network and seed.
    content : mapping
        Numbers and arrays, as they are kept.
    """

    about: Mapping[str, Any]
    content: Mapping[str, Any]

    def _headline(self) -> str:
        return described(self.about)

    def _facts(self) -> Sequence[tuple[str, str]]:
        return [(str(name), described(one)) for name, one in self.content.items()]

    def __getitem__(self, name: str) -> Any:
        return self.content[name]

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """All arrays."""
        return {k: v for k, v in self.content.items() if isinstance(v, np.ndarray)}

    @cached_property
    def record(self) -> dict[str, Any]:
        """All but the arrays."""
        return {k: v for k, v in self.content.items() if k not in self.arrays}


@dataclass(frozen=True, eq=False, repr=False)
class Found(Record):
    """What a study found, or a part of it.

    Attributes
    ----------
    options : Options
    measured : tuple of Measured
        In the order of the parts.
    seconds : float
        Time that this run took, parts that were done before not counted.
    """

    options: Any
    measured: tuple[Measured, ...]
    seconds: float

    def _headline(self) -> str:
        return f"{count(len(self), 'part')} of a study"

    def _facts(self) -> Sequence[tuple[str, str]]:
        keys = dict.fromkeys(key for one in self for key in one.about)
        names = dict.fromkeys(name for one in self for name in one.content)
        return [
            ("parts about", described(list(keys))),
            ("content", described(list(names))),
            ("options", type(self.options).__name__),
            ("time", f"{self.seconds:.1f} s, parts done before not counted"),
            ("next", ".where(...), .groups(...); the study's .save(found, folder)"),
        ]

    def __iter__(self) -> Iterator[Measured]:
        return iter(self.measured)

    def __len__(self) -> int:
        return len(self.measured)

    def where(self, **wanted: Any) -> Found:
        """What was found of parts that are about something.

        Examples
        --------
        >>> parts = (Measured({"seed": 0}, {"r": 0.5}), Measured({"seed": 1}, {"r": 1}))
        >>> [one["r"] for one in Found(None, parts, 0.0).where(seed=1)]
        [1]
        """
        chosen = (
            one
            for one in self
            if all(k in one.about and one.about[k] == v for k, v in wanted.items())
        )
        return replace(self, measured=tuple(chosen))

    def having(self, key: str) -> Found:
        """What was found of parts of one kind: those that are about something."""
        chosen = (one for one in self if key in one.about)
        return replace(self, measured=tuple(chosen))

    def groups(self, *keys: str) -> dict[tuple[Any, ...], Found]:
        """What was found for each combination of keys; parts without them lack.

        With one key the names are tuples, too.
        """
        kinds = dict.fromkeys(
            tuple(one.about[key] for key in keys)
            for one in self
            if all(key in one.about for key in keys)
        )
        return {
            kind: self.where(**dict(zip(keys, kind, strict=True))) for kind in kinds
        }

    def column(self, name: str) -> list[Any]:
        """A value of every part; None where a part lacks it."""
        return [one.content.get(name) for one in self]
