"""What a run looks at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Variant = Literal["fixed_size", "constant_area"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)


@dataclass(frozen=True)
class Options:
    """Settings of the study.

    Attributes
    ----------
    cifar : str or None
        NPZ file with ``x_train`` and ``y_train`` (uint8), CIFAR-10 or a part of it, to
        train networks with; ``x_test`` and ``y_test`` measure their accuracy. With
        None only untrained ones are looked at.
    seeds : tuple of int
        Of stimuli, weights and the order of training images.
    n_instances : int
        Images of each number from 1 to 10.
    epochs : int
        Of training.

    Raises
    ------
    ValueError
        A number out of range.
    """

    cifar: str | None = None
    seeds: tuple[int, ...] = (0,)
    n_instances: int = 80
    epochs: int = 2

    def __post_init__(self) -> None:
        object.__setattr__(self, "seeds", tuple(self.seeds))
        if not self.seeds or min(self.seeds) < 0:
            raise ValueError(
                f"seeds={self.seeds!r}: expected one or more whole numbers, not "
                "negative."
            )
        # An analysis of variance needs two images of a number.
        for name, least in (("n_instances", 2), ("epochs", 1)):
            if getattr(self, name) < least:
                raise ValueError(
                    f"{name}={getattr(self, name)}: expected at least {least}."
                )

    def as_dict(self) -> dict[str, Any]:
        """Return the settings by name."""
        return asdict(self)


SMALL = Options()
FULL = Options(seeds=tuple(range(10)))
