"""Which units of a network carry a representation: exact, fast unit pruning.

The functions take features ``(n_conditions, n_units)`` and a target RDM; see `prune`
for the whole method and `leave_one_out`, `reintroduce` for its parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from .base.linear_readout import LinearReadout as LinearReadout
from .base.version import __version__ as __version__
from .engine.select import select_path as select_path
from .importance import leave_one_out as leave_one_out
from .io.grouping import groups_of as groups_of
from .pruning import prune as prune
from .reintroduction import reintroduce as reintroduce
from .results import Importance as Importance
from .results import Pruning as Pruning
from .results import Reintroduction as Reintroduction
from .results import Shapley as Shapley
from .scoring import rdm as rdm
from .scoring import score as score
from .scoring import score_masks as score_masks
from .shapley import shapley as shapley
from .triplets import prune_triplets as prune_triplets
from .zeros import keep_lowest as keep_lowest
from .zeros import percentage_of_zeros as percentage_of_zeros

if _TYPE_CHECKING:
    from .selectors.pruner import Pruner as Pruner
    from .selectors.zero_pruner import ZeroPruner as ZeroPruner

__all__ = [
    "Importance",
    "LinearReadout",
    "Pruner",
    "Pruning",
    "Reintroduction",
    "Shapley",
    "ZeroPruner",
    "__version__",
    "groups_of",
    "keep_lowest",
    "leave_one_out",
    "percentage_of_zeros",
    "prune",
    "prune_triplets",
    "rdm",
    "reintroduce",
    "score",
    "score_masks",
    "select_path",
    "shapley",
]


if not _TYPE_CHECKING:

    def __getattr__(name: str) -> _Any:
        # The base classes import scikit-learn, which is heavy and optional.
        if name == "Pruner":
            from .selectors.pruner import Pruner

            return Pruner
        if name == "ZeroPruner":
            from .selectors.zero_pruner import ZeroPruner

            return ZeroPruner
        raise AttributeError(f"module 'jaxprune' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
