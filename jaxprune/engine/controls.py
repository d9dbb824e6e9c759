"""Controls: RDMs whose share of target and layer is taken out before they are compared.

Number goes with area and density, and words that mean alike often look alike. What is
left of a target beside its controls is what an importance is of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.arrays import condensed, squareform
from ..comparisons import is_constant
from ..io.objects import has_labels, matched
from .targets import as_targets


@dataclass(frozen=True, eq=False)
class Controls:
    """Dissimilarities ``(K, P)`` of control RDMs, in the order of the features."""

    values: np.ndarray

    @staticmethod
    def of(controls: Any, features: Any, n: int) -> Controls:
        """Controls as they may be given.

        Parameters
        ----------
        controls : array_like or RDMs, a list of these, or Controls
            As a target may be given: one RDM, or a stack.
        features : array_like
            Their labels count, where they have some.
        n : int
            Conditions.

        Raises
        ------
        ValueError
            No RDMs of these conditions; pairs that are NaN; a control that is constant.
        """
        if isinstance(controls, Controls):
            return controls
        listed = isinstance(controls, list | tuple)
        apart = listed and any(map(has_labels, controls))
        try:
            found = [
                as_targets(matched(features, part)[1], n, "dissimilarity")[0]
                for part in (controls if apart else [controls])
            ]
        except ValueError as error:
            # Controls have no kind of their own.
            said = str(error).replace("Pass target_kind='similarity'", "Give 1 - s")
            raise type(error)(said.replace("target", "controls")) from None
        values = np.concatenate(found)
        for place, row in enumerate(values):
            if missing := int(np.isnan(row).sum()):
                raise ValueError(
                    f"controls[{place}] is NaN in {missing} of {len(row)} pairs; "
                    "expected a number for each. Where a control is not known, put NaN "
                    "into the target: such pairs are left out."
                )
            if is_constant(row):
                raise ValueError(
                    f"controls[{place}] is constant ({row[0]:g}), so that there is "
                    "nothing to control for. Leave it out."
                )
        return Controls(values)

    def __len__(self) -> int:
        """Number of RDMs."""
        return len(self.values)

    def among(self, conditions: np.ndarray) -> Controls:
        """Those of some conditions, of which one may be constant."""
        square = squareform(self.values)
        return Controls(condensed(square[:, conditions[:, None], conditions]))


def check_controls(options: dict[str, Any], features: Any, n: int) -> None:
    """Check the controls among options, if there are any: they are `Controls` then."""
    if options.get("controls") is not None:
        options["controls"] = Controls.of(options["controls"], features, n)


def among_controls(options: Mapping[str, Any], conditions: np.ndarray) -> dict:
    """Options with the controls of some conditions, if there are any."""
    controls = options.get("controls")
    some = {} if controls is None else {"controls": controls.among(conditions)}
    return {**options, **some}
