"""Images of a design with their conditions, and how they are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..base import checks
from .colours import Colours
from .dots import Dots
from .measures import ROW, measure
from .rendering import render


@dataclass(frozen=True, eq=False)
class StimulusSet:
    """Images of a design, and what was achieved in each of them.

    Attributes
    ----------
    images : ndarray of uint8 (n_conditions * n_instances, size, size)
        Grey images; instances of a condition follow each other.
    condition : ndarray of int (n_images,)
        Condition of every image.
    table : structured ndarray (n_images,)
        Per image: ``condition``, ``instance``, ``numerosity``, ``n_white``; of what was
        placed ``item_area`` (mean area of a dot), ``total_area``, ``field_area``,
        ``density`` (dots per area of field), ``hull_area`` and ``hull_perimeter`` (of
        the outlines), ``mean_distance`` (of two centres); and from the pixels
        ``rendered_item_area`` and ``mean_luminance`` (0 to 255).
    labels : tuple of str (n_conditions,)
        Such as ``"n06_a0.04_f5.0"``: number, item area, field diameter.
    factors : dict of ndarray (n_conditions,)
        What was varied: level of every condition.
    across : float
        Width of an image in `unit`.
    unit : str
        Unit of the lengths and areas above, ``"degrees"`` of visual angle or ``"px"``,
        pixels of the size that the design was published with.
    """

    images: np.ndarray
    condition: np.ndarray
    table: np.ndarray
    labels: tuple[str, ...]
    factors: dict[str, np.ndarray]
    across: float
    unit: str

    @property
    def degrees_across(self) -> float | None:
        """Width of an image in degrees; None if the design is defined in pixels."""
        return self.across if self.unit == "degrees" else None

    @property
    def image_labels(self) -> np.ndarray:
        """Label of the condition of every image."""
        return np.array(self.labels)[self.condition]

    def levels(self, factor: str) -> np.ndarray:
        """Level of a factor, for every image.

        Parameters
        ----------
        factor : str
            A name in `factors`.

        Returns
        -------
        ndarray (n_images,)
            As an analysis of variance over images takes it.

        Raises
        ------
        ValueError
            If there is no such factor.
        """
        if factor not in self.factors:
            raise ValueError(
                f"factor: expected one of {', '.join(self.factors)}, got {factor!r}"
            )
        return self.factors[factor][self.condition]

    def condition_means(self, column: str) -> np.ndarray:
        """Mean of a column of the table over the images of every condition.

        Parameters
        ----------
        column : str
            Such as ``"hull_area"``.

        Returns
        -------
        ndarray (n_conditions,)
            For the RDM of a dimension that was not varied by itself.
        """
        counts = np.bincount(self.condition)
        return np.bincount(self.condition, self.table[column]) / counts


@dataclass(frozen=True, eq=False)
class Design:
    """Conditions, and how a display of each is made; an intermediate of the designs.

    Attributes
    ----------
    factors, labels, across, unit
        See :class:`StimulusSet`.
    display : callable
        ``display(condition, rng)`` returns Dots and the area of their field.
    colours : Colours
    """

    factors: dict[str, np.ndarray]
    labels: tuple[str, ...]
    display: Callable[[int, np.random.Generator], tuple[Dots, float]]
    across: float
    unit: str
    colours: Colours

    def draw(self, n_instances: int, seed: int, size: int) -> StimulusSet:
        """Draw all conditions.

        An image depends on ``(seed, condition, instance)`` alone: more instances or
        another size leave the displays of the first ones as they are.

        Raises
        ------
        ValueError
            If an argument is out of range, or dots do not fit their field or image.
        """
        for name, value, least in (
            ("n_instances", n_instances, 1),
            ("seed", seed, 0),
            ("size", size, 1),
        ):
            checks.whole(name, value, least)
        n_images = len(self.labels) * n_instances
        images = np.empty((n_images, size, size), np.uint8)
        table = np.empty(n_images, ROW)
        background = self.colours.background
        for image in range(n_images):
            condition, instance = divmod(image, n_instances)
            rng = np.random.default_rng((seed, condition, instance))
            dots, area = self.display(condition, rng)
            images[image] = render(dots, size, self.across, background)
            achieved = measure(dots, area, images[image], self.across, background)
            table[image] = (condition, instance, *achieved)
        return StimulusSet(
            images=images,
            condition=table["condition"].copy(),
            table=table,
            labels=self.labels,
            factors=self.factors,
            across=self.across,
            unit=self.unit,
        )
