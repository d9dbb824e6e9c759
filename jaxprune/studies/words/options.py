"""What a run looks at, and how closely."""

from __future__ import annotations

from dataclasses import dataclass

from .. import framework
from ..framework import option


@dataclass(frozen=True)
class Options(framework.Options):
    """Settings of the study.

    Attributes
    ----------
    vectors : tuple of str
        ``FILE`` or ``NAME=FILE``, read by `jaxprune.io.load_features`, of which every
        layer is taken; or ``hf:FOLDER``, a language model of transformers, of which
        every hidden state is.
    sets : tuple of str
        ``FILE`` or ``NAME=FILE`` of judged pairs, read by `jaxprune.io.load_target`.
        Without vectors and sets, both are made up.
    target_kind : {"similarity", "dissimilarity"}
        What the judgements say.
    token : {"mean", "cls", "last"}
        Which hidden state of a word that a language model takes for several tokens.
    metric, compare : str
        As in :func:`jaxprune.prune`.
    n_folds, repeats : int
        Folds of words, and how often they are drawn.
    n_permutations : int
        Of the words; the pruning is redone for each.
    seed : int

    Raises
    ------
    ValueError
        A number out of range; vectors without sets, or sets without vectors.
    """

    vectors: tuple[str, ...] = option(
        (),
        "vectors of words, FILE or NAME=FILE: .txt, .vec, or any features with labels, "
        "such as the layers of a .h5; or hf:FOLDER, a language model of transformers",
        metavar="FILE",
        repeated=True,
    )
    sets: tuple[str, ...] = option(
        (),
        "judged pairs, FILE or NAME=FILE: a,b,score",
        metavar="FILE",
        repeated=True,
    )
    target_kind: str = option(
        "similarity",
        "what judgements say: similarity (default), dissimilarity",
        choices=("similarity", "dissimilarity"),
        metavar="KIND",
    )
    token: str = option(
        "mean",
        "of hf: the mean of all tokens of a word (default), cls, last",
        choices=("mean", "cls", "last"),
        metavar="WHICH",
    )
    metric: str = option(
        "cosine", "distance of vectors (default cosine)", metavar="METRIC"
    )
    compare: str = option(
        "pearson", "how it is compared (default pearson)", metavar="COMPARE"
    )
    n_folds: int = option(3, "folds of words", least=2, flag="--folds")
    repeats: int = option(1, "times that folds are drawn", least=1)
    n_permutations: int = option(
        99, "permutations of the words", least=1, flag="--permutations"
    )
    seed: int = option(0, "of everything drawn at random", least=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if bool(self.vectors) != bool(self.sets):
            raise ValueError(
                f"vectors={self.vectors!r} and sets={self.sets!r}: expected both, or "
                "neither for data that are made up."
            )
        # What cannot be computed should fail before vectors are read.
        from ...engine.select import select_path

        select_path(self.metric, self.compare)

    @property
    def scoring(self) -> dict[str, str]:
        """Options of :func:`jaxprune.prune`."""
        names = "metric", "compare", "target_kind"
        return {name: getattr(self, name) for name in names}


SMALL = Options()
FULL = Options(repeats=10, n_permutations=999)
