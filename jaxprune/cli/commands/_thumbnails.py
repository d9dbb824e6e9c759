"""Images of the conditions of a result, for its page: matched by label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """Images and their conditions, from which each condition has one picture.

    Attributes
    ----------
    images : jaxprune_ports.Images
    conditions : jaxprune_ports.Conditions
    """

    images: Any
    conditions: Any

    @staticmethod
    def opened(images: str, key: str | None, conditions: str | None) -> Thumbnails:
        """As the options ``--images``, ``--images-key`` and ``--conditions`` say."""
        import jaxprune_ports as jpp

        opened = jpp.open_images(images, key)
        return Thumbnails(opened, jpp.conditions_of(opened, conditions))

    def firsts(
        self, labels: Sequence[str] | None, n: int
    ) -> tuple[list[Any], tuple[str, ...]]:
        """First image of each of some conditions, None where there is none; notes.

        Parameters
        ----------
        labels : sequence of str (n,) or None
        n : int

        Raises
        ------
        InputError
            If no label is that of an image, or without labels the numbers differ.
        """
        from ...io.aligning import unnumbered
        from ...io.labelled import InputError, Labelled, some

        blank = np.empty((0, 0))
        given = None if labels is None else tuple(labels)
        ours = Labelled(blank, given, "the result")
        theirs = Labelled(blank, self.conditions.labels, self.images.source)
        ours, theirs = unnumbered(ours, theirs), unnumbered(theirs, ours)
        _, first = np.unique(self.conditions.index, return_index=True)
        if ours.labels is None or theirs.labels is None:
            if len(first) != n:
                raise InputError(
                    f"images: {theirs.source} has {len(first)} conditions and no "
                    f"labels in common with the {n} of the features; expected labels "
                    "on both sides, or as many."
                )
            note = "Thumbnails are assumed to be in the order of the conditions."
            return [self.images.read(int(k)) for k in first], (note,)
        places = dict(zip(theirs.labels, first.tolist(), strict=True))
        found = [places.get(label) for label in ours.labels]
        absent = [
            label for label, k in zip(ours.labels, found, strict=True) if k is None
        ]
        if len(absent) == n:
            raise InputError(
                f"images: no condition of {theirs.source} ({some(theirs.labels)}) is "
                f"one of the features ({some(ours.labels)}); expected the same labels."
            )
        note = f"No image of {len(absent)} conditions: {some(absent)}."
        pictures = [None if k is None else self.images.read(k) for k in found]
        return pictures, (note,) * bool(absent)
