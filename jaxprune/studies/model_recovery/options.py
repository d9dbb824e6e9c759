"""What a run looks at, and how often."""

from __future__ import annotations

from dataclasses import dataclass

from .. import framework
from ..framework import option

# Of targets, where neither numbers nor subjects are given.
RELIABILITIES = 0.05, 0.2, 0.6


def correlations(text: str) -> tuple[float, ...]:
    """Read numbers between commas.

    >>> correlations("0.1, 0.5")
    (0.1, 0.5)
    """
    try:
        return tuple(map(float, text.split(",")))
    except ValueError:
        raise ValueError(
            f"reliability={text!r}: expected correlations above 0, at most 1, with "
            "commas between them."
        ) from None


@dataclass(frozen=True)
class Options(framework.Options):
    """Settings of the study.

    Attributes
    ----------
    layers : tuple of str
        ``FILE`` or ``NAME=FILE`` of features of the same conditions, at least two
        layers in all. Without any, three are made up.
    n_units : int
        Units of a layer at most: of more, so many are drawn at random.
    reliability : tuple of float
        Correlations of two targets of one layer; see
        :func:`jaxprune.inference.model_recovery`.
    subjects : str or None
        RDMs of subjects: targets as reliable as that of one, and as their mean.
    sessions : int
        RDMs of each subject, one after the other.
    n_simulations : int
        Targets of each layer.
    n_reweighted : int
        For so many of these, layers are also reweighted, which takes much longer.
    n_folds : int
        Of held-out conditions.
    seed : int

    Raises
    ------
    ValueError
        A number out of range.
    """

    layers: tuple[str, ...] = option(
        (),
        "features of the same conditions, FILE or NAME=FILE; of a .h5 that `jaxprune "
        "extract` wrote, every layer",
        metavar="FILE",
        repeated=True,
    )
    n_units: int = option(
        1000, "units of a layer at most, drawn at random", least=2, flag="--units"
    )
    reliability: tuple[float, ...] = option(
        (),
        "correlations of two targets of one layer, with commas (default "
        f"{', '.join(map(str, RELIABILITIES))})",
        metavar="R",
        read=correlations,
    )
    subjects: str | None = option(
        None,
        "RDMs of subjects: targets as reliable as one of them, and as their mean",
        metavar="FILE",
    )
    sessions: int = option(1, "RDMs of each subject, one after the other", least=1)
    n_simulations: int = option(
        20, "targets of each layer and reliability", least=1, flag="--simulations"
    )
    n_reweighted: int = option(
        5, "of these, so many for reweighting, too", least=0, flag="--reweighted"
    )
    n_folds: int = option(4, "folds of held-out conditions", least=2, flag="--folds")
    seed: int = option(0, "of everything drawn at random", least=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        for one in self.reliability:
            if not 0 < one <= 1:
                raise ValueError(
                    f"reliability={one!r}: expected a correlation above 0, at most 1."
                )


SMALL = Options()
FULL = Options(n_simulations=200, n_reweighted=20)
