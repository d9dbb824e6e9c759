"""What a run looks at, and how often."""

from __future__ import annotations

from dataclasses import dataclass

from .. import framework
from ..framework import option

# Of targets, where no subjects say it.
RELIABILITY = 0.5


def _correlation(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(
            f"reliability={text!r}: expected a correlation above 0, at most 1."
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
    reliability : float or None
        Correlation of two targets of one layer; see
        :func:`jaxprune.inference.model_recovery`.
    subjects : str or None
        RDMs of subjects, whose mean has the reliability of the targets.
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
        A number out of range; a reliability and subjects.
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
    reliability: float | None = option(
        None,
        f"correlation of two targets of one layer (default {RELIABILITY})",
        metavar="R",
        read=_correlation,
    )
    subjects: str | None = option(
        None, "RDMs of subjects, whose mean has that reliability", metavar="FILE"
    )
    sessions: int = option(1, "RDMs of each subject, one after the other", least=1)
    n_simulations: int = option(
        20, "simulated targets of each layer", least=1, flag="--simulations"
    )
    n_reweighted: int = option(
        5, "of these, so many for reweighting, too", least=0, flag="--reweighted"
    )
    n_folds: int = option(4, "folds of held-out conditions", least=2, flag="--folds")
    seed: int = option(0, "of everything drawn at random", least=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.reliability is not None and self.subjects is not None:
            raise ValueError(
                f"reliability={self.reliability} and subjects={self.subjects!r} were "
                "both given; expected one of them, since subjects have a reliability."
            )


SMALL = Options()
FULL = Options(n_simulations=200, n_reweighted=20)
