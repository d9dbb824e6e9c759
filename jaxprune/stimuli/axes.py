"""The axes of DeWind et al.: number, size and spacing, and all that follows from them.

A dot array of n equal dots of radius r_d in a circular field of radius r_f has three
degrees of freedom. In logarithms, every feature below is a straight line in the space
of numerosity, size and spacing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class DotParameters:
    """A point in the space of numerosity, size and spacing.

    With item area ISA, total area TSA = n ISA, field area FA and sparsity FA / n::

        size    = ISA TSA = n ISA^2         ISA = sqrt(size / n)
        spacing = FA FA / n = FA^2 / n      FA  = sqrt(spacing n)

    Lengths are in any unit u, areas in u^2, size and spacing in u^4.

    Attributes
    ----------
    numerosity : float
        Number of dots n. Not rounded here, so that points between whole numbers exist.
    size : float
        Item area times total area, u^4.
    spacing : float
        Field area times sparsity, u^4.

    Raises
    ------
    ValueError
        If one of the three is not a positive, finite number.

    References
    ----------
    .. [1] DeWind, Adams, Platt & Brannon (2015), Cognition 142:247-265.
    .. [2] Park & Huber (2022), eLife 11:e80990, table 1.

    Examples
    --------
    >>> array = DotParameters.from_radii(10, item_radius=3, field_radius=50)
    >>> round(array.item_radius, 12), round(array.field_radius, 12)
    (3.0, 50.0)
    >>> round(array.coverage, 12)  # 10 * 3**2 / 50**2
    0.036
    """

    numerosity: float
    size: float
    spacing: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (value > 0 and math.isfinite(value)):
                raise ValueError(
                    f"{field.name}: expected a positive, finite number, got {value}"
                )

    @classmethod
    def from_areas(
        cls, numerosity: float, item_area: float, field_area: float
    ) -> DotParameters:
        """Point of arrays with these areas of a dot and of the field."""
        if not (numerosity > 0 and item_area > 0 and field_area > 0):
            raise ValueError(
                "expected a positive numerosity, item_area and field_area, got "
                f"{numerosity}, {item_area} and {field_area}"
            )
        return cls(numerosity, numerosity * item_area**2, field_area**2 / numerosity)

    @classmethod
    def from_radii(
        cls, numerosity: float, item_radius: float, field_radius: float
    ) -> DotParameters:
        """Point of arrays with these radii of a dot and of the field."""
        if not (item_radius > 0 and field_radius > 0):
            raise ValueError(
                "expected a positive item_radius and field_radius, got "
                f"{item_radius} and {field_radius}"
            )
        areas = math.pi * item_radius**2, math.pi * field_radius**2
        return cls.from_areas(numerosity, *areas)

    @property
    def item_area(self) -> float:
        """Area of a dot, ISA = sqrt(size / n)."""
        return math.sqrt(self.size / self.numerosity)

    @property
    def total_area(self) -> float:
        """Area of all dots, TSA = sqrt(size n)."""
        return math.sqrt(self.size * self.numerosity)

    @property
    def field_area(self) -> float:
        """Area of the circle that holds the dots, FA = sqrt(spacing n).

        The convex hull of the dots is smaller and differs between arrays of the same
        parameters, so it is not one of them: see :func:`~jaxprune.stimuli.hull`.
        """
        return math.sqrt(self.spacing * self.numerosity)

    @property
    def sparsity(self) -> float:
        """Area of the field per dot, FA / n = sqrt(spacing / n)."""
        return math.sqrt(self.spacing / self.numerosity)

    @property
    def density(self) -> float:
        """Dots per area of the field, n / FA."""
        return 1 / self.sparsity

    @property
    def item_radius(self) -> float:
        """Radius of a dot, r_d = sqrt(ISA / pi)."""
        return math.sqrt(self.item_area / math.pi)

    @property
    def field_radius(self) -> float:
        """Radius of the field, r_f = sqrt(FA / pi)."""
        return math.sqrt(self.field_area / math.pi)

    @property
    def item_perimeter(self) -> float:
        """Circumference of a dot, 2 sqrt(pi) (size / n)^(1/4)."""
        return 2 * math.pi * self.item_radius

    @property
    def total_perimeter(self) -> float:
        """Circumference of all dots, 2 sqrt(pi) (size n^3)^(1/4)."""
        return self.numerosity * self.item_perimeter

    @property
    def coverage(self) -> float:
        """Share of the field that is covered, TSA / FA = sqrt(size / spacing)."""
        return math.sqrt(self.size / self.spacing)

    @property
    def closeness(self) -> float:
        """Scale of the display at a given coverage, sqrt(size spacing)."""
        return math.sqrt(self.size * self.spacing)
