"""Grey values of background and dots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

# 127.5 is not a uint8; black is then 128 and white 127 steps away from grey.
GREY, BLACK, WHITE = 128, 0, 255

DotColours = Literal["mixed", "white", "black"]


@dataclass(frozen=True)
class Colours:
    """What dots and background look like.

    Attributes
    ----------
    background : int
        Grey value, 0 to 255.
    dots : {"mixed", "white", "black"}
        White is 255, black 0. Mixed: half of the dots are white, the odd dot of an odd
        number at random.

    Raises
    ------
    ValueError
        If a value is out of range or dots would have the colour of the background.

    Examples
    --------
    >>> Colours(background=0)
    Traceback (most recent call last):
    ValueError: background: black dots do not show on 0; use another background, or ...
    """

    background: int = GREY
    dots: DotColours = "mixed"

    def __post_init__(self) -> None:
        if not BLACK <= self.background <= WHITE:
            raise ValueError(
                f"background: expected a grey value of 0 to 255, got {self.background}"
            )
        if self.dots not in get_args(DotColours):
            expected = ", ".join(map(repr, get_args(DotColours)))
            raise ValueError(f"dots: expected one of {expected}, got {self.dots!r}")
        for name, value, other in (
            ("white", WHITE, "black"),
            ("black", BLACK, "white"),
        ):
            if self.background == value and self.dots != other:
                raise ValueError(
                    f"background: {name} dots do not show on {value}; use another "
                    f"background, or dots={other!r}"
                )

    def polarity(self, numerosity: int, rng: np.random.Generator) -> np.ndarray:
        """Return 1 for white and -1 for black, for each of so many dots.

        >>> WHITE_ON_BLACK.polarity(3, np.random.default_rng(0))
        array([1, 1, 1])
        """
        if self.dots != "mixed":
            return np.full(numerosity, 1 if self.dots == "white" else -1)
        n_white = (numerosity + int(rng.integers(2))) // 2
        return rng.permutation(np.where(np.arange(numerosity) < n_white, 1, -1))


MIXED_ON_GREY = Colours()
WHITE_ON_BLACK = Colours(BLACK, "white")
